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

/* The id of the item itself; NULL: it has none. */
static const char *id_of(const json_t *item, const struct names *names)
{
    for (size_t i = 0; i < sizeof names->names / sizeof names->names[0]; i++) {
        const char *id = json_get_string(item, names->names[i], NULL);
        if (id != NULL)
            return id;
    }
    return json_get_string(item, "arn", NULL);
}

/* The object without its lists: what all parts of it have in common. */
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

static json_t *divide(const json_t *object, const struct names *names, const json_t *ids);

/* Divides one list of the object. False: an item belongs to no id. */
static bool divide_list(const json_t *object, const char *key, const json_t *list,
                        const struct names *names, const json_t *ids, json_t *parts)
{
    size_t i;
    json_t *item, *inner;
    const char *id;
    json_array_foreach (list, i, item) {
        const char *own = id_of(item, names);
        if (own != NULL && json_object_get(ids, own) == NULL)
            return false;
        if (own != NULL) {
            add(parts, object, own, key, json_incref(item));
            continue;
        }
        json_t *divided = json_is_object(item) ? divide(item, names, ids) : NULL;
        bool whole = json_object_size(divided) > 0;
        json_object_foreach (divided, id, inner)
            add(parts, object, id, key, json_incref(inner));
        json_decref(divided);
        if (!whole)
            return false;
    }
    return true;
}

/* {id: its part of the object}; NULL: cannot be divided. */
static json_t *divide(const json_t *object, const struct names *names, const json_t *ids)
{
    const char *key;
    json_t *value;
    json_t *parts = json_object();
    json_object_foreach ((json_t *)(uintptr_t)object, key, value) {
        if (json_is_array(value) && !divide_list(object, key, value, names, ids, parts)) {
            json_decref(parts);
            return NULL;
        }
    }
    return parts;
}

/* Whoever asks alone gets a list, even if it is empty. */
static void add_empty_lists(const json_t *answer, json_t *part)
{
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)(uintptr_t)answer, key, value) {
        if (json_is_array(value) && json_object_get(part, key) == NULL)
            json_object_set_new_nocheck(part, key, json_array());
    }
}

static bool has_more_pages(const json_t *answer)
{
    static const char *const tokens[] = {"NextToken", "nextToken", "Marker", "NextMarker"};
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
        if (json_get_string(answer, tokens[i], "")[0] != '\0')
            return true;
    }
    return false;
}

json_t *gathered_parts(const json_t *answer, const char *list, const json_t *ids)
{
    struct names names;
    const char *id;
    json_t *ignored;
    names_of(list, &names);
    json_t *parts = has_more_pages(answer) ? NULL : divide(answer, &names, ids);
    if (parts == NULL)
        return NULL;
    json_object_foreach ((json_t *)(uintptr_t)ids, id, ignored) {
        if (json_object_get(parts, id) == NULL)
            json_object_set_new_nocheck(parts, id, without_lists(answer));
        add_empty_lists(answer, json_object_get(parts, id));
    }
    return parts;
}
