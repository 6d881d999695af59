#include "aws/client/gathered_parts.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "value/json.h"

#define MAX_NAME 128

struct names {
    char names[3][MAX_NAME]; /* of the members that may hold the id of an item */
};

static void names_of(const char *list, struct names *names)
{
    size_t length = strlen(list);
    int stem = (int)(length > 0 && list[length - 1] == 's' ? length - 1 : length);
    snprintf(names->names[0], MAX_NAME, "%.*s", stem, list);
    snprintf(names->names[1], MAX_NAME, "%.*sArn", stem, list);
    snprintf(names->names[2], MAX_NAME, "%.*sId", stem, list);
}

/* The id among `ids` that the text stands for: the text itself, or the last part of an ARN. NULL:
 * none. */
static const char *among(const char *text, const json_t *ids)
{
    const char *slash = strrchr(text, '/');
    if (json_object_get(ids, text) != NULL)
        return text;
    return slash != NULL && json_object_get(ids, slash + 1) != NULL ? slash + 1 : NULL;
}

/* The id of the item, as the item itself gives it; NULL: it gives none. */
static const char *own_id(const json_t *item, const struct names *names)
{
    for (size_t i = 0; i < sizeof names->names / sizeof names->names[0]; i++) {
        const char *said = json_get_string(item, names->names[i], NULL);
        if (said != NULL)
            return said;
    }
    return json_get_string(item, "arn", NULL);
}

/* The object without its lists: the members that all of its parts share. */
static json_t *without_lists(const json_t *object)
{
    const char *key;
    json_t *value;
    json_t *copy = json_object();
    json_object_foreach ((json_t *)(uintptr_t)object, key, value) {
        if (!json_is_array(value))
            json_object_set_nocheck(copy, key, value);
    }
    return copy;
}

/* Appends the item to this list of the id's part of the object. Takes ownership of the item. */
static void add(json_t *parts, const json_t *object, const char *id, const char *key, json_t *item)
{
    json_t *part = json_object_get(parts, id);
    if (part == NULL) {
        part = without_lists(object);
        json_object_set_new_nocheck(parts, id, part);
    }
    json_t *list = json_object_get(part, key);
    if (list == NULL) {
        list = json_array();
        json_object_set_new_nocheck(part, key, list);
    }
    json_array_append_new(list, item);
}

struct division {
    const struct names *names;
    const json_t *ids;
    int levels; /* how many more levels to search for items with an id */
};

static json_t *divide(const json_t *object, struct division of);

/* Adds an item without an id of its own to the parts of the ids of the items in it. */
static bool add_inner(const json_t *object, const char *key, const json_t *item, struct division of,
                      json_t *parts)
{
    const char *id;
    json_t *inner;
    if (!json_is_object(item) || of.levels == 0)
        return false;
    of.levels--;
    json_t *divided = divide(item, of);
    bool found = json_object_size(divided) > 0;
    json_object_foreach (divided, id, inner)
        add(parts, object, id, key, json_incref(inner));
    json_decref(divided);
    return found;
}

/* Divides one list of the object. False: an item belongs to no id. */
static bool divide_list(const json_t *object, const char *key, const json_t *list,
                        struct division of, json_t *parts)
{
    size_t i;
    json_t *item;
    json_array_foreach (list, i, item) {
        const char *said = own_id(item, of.names);
        const char *id = said != NULL ? among(said, of.ids) : NULL;
        if (id != NULL)
            add(parts, object, id, key, json_incref(item));
        else if (said != NULL || !add_inner(object, key, item, of, parts))
            return false;
    }
    return true;
}

/* {id: its part of the object}; NULL: cannot be divided. */
static json_t *divide(const json_t *object, struct division of)
{
    const char *key;
    json_t *value;
    json_t *parts = json_object();
    json_object_foreach ((json_t *)(uintptr_t)object, key, value) {
        if (json_is_array(value) && !divide_list(object, key, value, of, parts)) {
            json_decref(parts);
            return NULL;
        }
    }
    return parts;
}

/* A response about one id alone has every list, even an empty one. */
static void add_empty_lists(const json_t *answer, json_t *part)
{
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)(uintptr_t)answer, key, value) {
        if (json_is_array(value) && json_object_get(part, key) == NULL)
            json_object_set_new_nocheck(part, key, json_array());
    }
}

/* A structure outside of lists belongs to no id, and another page may hold more items. */
static bool is_divisible(const json_t *answer)
{
    const char *key;
    json_t *value;
    bool has_list = false;
    json_object_foreach ((json_t *)(uintptr_t)answer, key, value) {
        bool pages = strstr(key, "Token") != NULL || strstr(key, "Marker") != NULL;
        if (json_is_object(value) || (pages && json_string_length(value) > 0) ||
            (strcmp(key, "IsTruncated") == 0 && json_is_true(value)))
            return false;
        has_list = has_list || json_is_array(value);
    }
    return has_list;
}

json_t *gathered_parts(const json_t *answer, const char *list, const json_t *ids)
{
    struct names names;
    const char *id;
    json_t *part;
    names_of(list, &names);
    json_t *parts =
        is_divisible(answer)
            ? divide(answer, (struct division){.names = &names, .ids = ids, .levels = 1})
            : NULL;
    json_object_foreach (parts, id, part)
        add_empty_lists(answer, part);
    return parts;
}
