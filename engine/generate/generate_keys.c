#include "generate/generate_keys.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char **generate_sorted_keys(json_t *object)
{
    const char **keys = mem_alloc((json_object_size(object) + 1) * sizeof *keys);
    size_t count = 0;
    const char *key;
    json_t *value;
    json_object_foreach (object, key, value)
        keys[count++] = key;
    qsort(keys, count, sizeof *keys, by_name);
    return keys;
}

json_t *generate_member(json_t *object, const char *key)
{
    json_t *member = json_object_get(object, key);
    if (member != NULL)
        return member;
    member = json_object();
    json_object_set_new(object, key, member);
    return member;
}

json_t *generate_key_list(json_t *object)
{
    json_t *list = json_array();
    const char **keys = generate_sorted_keys(object);
    for (const char **key = keys; *key != NULL; key++)
        json_array_append_new(list, json_string(*key));
    mem_free(keys);
    return list;
}
