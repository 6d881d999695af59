#include "testing/file_keys.h"

#include <stdint.h>
#include <string.h>

#include "base/suggest.h"

static const struct file_key *find_key(const struct file_key *keys, const char *name)
{
    for (; keys->name != NULL; keys++) {
        if (strcmp(keys->name, name) == 0)
            return keys;
    }
    return NULL;
}

static int refuse_key(const struct file_key *keys, const char *name, const char *where,
                      struct err *err)
{
    struct suggest suggest;
    char hint[SUGGEST_TEXT];
    suggest_init(&suggest, name);
    for (; keys->name != NULL; keys++)
        suggest_offer(&suggest, keys->name);
    suggest_text(&suggest, hint);
    return err_set(err, ERR_POLICY, "%s: unknown field \"%s\"%s", where, name, hint);
}

static const char *type_name(json_type type)
{
    switch (type) {
    case JSON_STRING: return "a string";
    case JSON_INTEGER: return "an integer";
    case JSON_TRUE: return "true";
    default: return "a table";
    }
}

static bool has_type(const json_t *value, json_type type)
{
    if (type == FILE_ANY)
        return true;
    if (type == FILE_TABLE)
        return json_is_object(value) || json_is_array(value);
    return json_typeof(value) == type;
}

int file_keys(const json_t *table, const struct file_key *keys, const char *where, struct err *err)
{
    const char *name;
    json_t *value;
    if (!json_is_object(table) && json_array_size(table) > 0)
        return err_set(err, ERR_POLICY, "%s: expected a table with names, got a list", where);
    json_object_foreach ((json_t *)(uintptr_t)table, name, value) {
        const struct file_key *key = find_key(keys, name);
        if (key == NULL)
            return refuse_key(keys, name, where, err);
        if (!has_type(value, key->type))
            return err_set(err, ERR_POLICY, "%s: %s must be %s", where, name, type_name(key->type));
    }
    for (; keys->name != NULL; keys++) {
        if (keys->required && json_object_get(table, keys->name) == NULL)
            return err_set(err, ERR_POLICY, "%s: %s is missing", where, keys->name);
    }
    return 0;
}
