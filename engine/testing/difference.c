#include "testing/difference.h"

#include <stdint.h>

#include "base/mem.h"
#include "testing/literal.h"

#define MAX_SHOWN 500

static size_t size_of(const json_t *value)
{
    return json_is_array(value) ? json_array_size(value) : json_object_size(value);
}

static bool is_container(const json_t *value)
{
    return json_is_array(value) || json_is_object(value);
}

static void add_line(const char *where, const json_t *expected, const json_t *found,
                     struct text_list *lines)
{
    char *one = literal_text(expected, MAX_SHOWN);
    char *other = literal_text(found, MAX_SHOWN);
    char *line = mem_printf("%s: expected %s, found %s", where, one, other);
    text_list_add(lines, line);
    mem_free(line);
    mem_free(one);
    mem_free(other);
}

static void compare_arrays(const char *where, const json_t *expected, const json_t *found,
                           struct text_list *lines)
{
    size_t most = json_array_size(expected) > json_array_size(found) ? json_array_size(expected)
                                                                     : json_array_size(found);
    for (size_t i = 0; i < most; i++) {
        char *inner = mem_printf("%s[%zu]", where, i + 1); /* counted as in Lua */
        difference(inner, json_array_get(expected, i), json_array_get(found, i), lines);
        mem_free(inner);
    }
}

static void compare_member(const char *where, const char *key, const json_t *expected,
                           const json_t *found, struct text_list *lines)
{
    char *inner = mem_printf("%s.%s", where, key);
    difference(inner, json_object_get(expected, key), json_object_get(found, key), lines);
    mem_free(inner);
}

static void compare_objects(const char *where, const json_t *expected, const json_t *found,
                            struct text_list *lines)
{
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)(uintptr_t)expected, key, value)
        compare_member(where, key, expected, found, lines);
    json_object_foreach ((json_t *)(uintptr_t)found, key, value) {
        if (json_object_get(expected, key) == NULL)
            compare_member(where, key, expected, found, lines);
    }
}

void difference(const char *where, const json_t *expected, const json_t *found,
                struct text_list *lines)
{
    if (expected == found)
        return; /* both absent, too */
    if (is_container(expected) && is_container(found) && size_of(expected) + size_of(found) == 0)
        return;
    if (json_is_object(expected) && json_is_object(found))
        compare_objects(where, expected, found, lines);
    else if (json_is_array(expected) && json_is_array(found))
        compare_arrays(where, expected, found, lines);
    else if (expected == NULL || found == NULL || !json_equal(expected, found))
        add_line(where, expected, found, lines);
}
