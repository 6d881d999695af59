#include "value/json_keys.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static int by_name(const void *a, const void *b)
{
    const char *const *one = a, *const *two = b;
    return strcmp(*one, *two);
}

json_t *json_sorted_keys(const json_t *object)
{
    const char *name;
    json_t *value;
    size_t count = 0;
    json_t *list = json_array();
    const char **names = mem_alloc((json_object_size(object) + 1) * sizeof *names);
    json_object_foreach ((json_t *)(uintptr_t)object, name, value)
        names[count++] = name;
    qsort(names, count, sizeof *names, by_name);
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string_nocheck(names[i]));
    mem_free(names);
    return list;
}
