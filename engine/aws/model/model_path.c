#include "aws/model/model_path.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const char *skip_blanks(const char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    return text;
}

static json_t *at_index(const json_t *list, long index)
{
    long size = (long)json_array_size(list);
    if (index < 0)
        index += size;
    return index >= 0 && index < size ? json_array_get(list, (size_t)index) : NULL;
}

/* Reads "[n]" at *path. Returns false if there is none. */
static bool step_index(const char **path, json_t **value)
{
    char *end;
    long index = strtol(*path + 1, &end, 10);
    if (end == *path + 1 || *end != ']')
        return false;
    *value = at_index(*value, index);
    *path = end + 1;
    return true;
}

/* A name, possibly quoted. */
static bool step_name(const char **path, json_t **value)
{
    bool quoted = **path == '"';
    const char *name = *path + (quoted ? 1 : 0);
    size_t length = strcspn(name, quoted ? "\"" : ".[]| \t\n");
    if (length == 0 || (quoted && name[length] != '"'))
        return false;
    char *key = mem_strndup(name, length);
    *value = json_object_get(*value, key);
    mem_free(key);
    *path = name + length + (quoted ? 1 : 0);
    return true;
}

/* Evaluates one alternative, and moves *path after it. Returns false if it cannot be parsed. */
static bool follow(const char **path, json_t **value)
{
    bool fine = **path == '[' ? step_index(path, value) : step_name(path, value);
    while (fine && (**path == '.' || **path == '[')) {
        if (**path == '.')
            (*path)++;
        fine = **path == '[' ? step_index(path, value) : step_name(path, value);
    }
    *path = skip_blanks(*path);
    return fine;
}

static bool is_something(const json_t *value)
{
    switch (value != NULL ? json_typeof(value) : JSON_NULL) {
    case JSON_NULL:
    case JSON_FALSE: return false;
    case JSON_STRING: return json_string_length(value) > 0;
    case JSON_ARRAY: return json_array_size(value) > 0;
    case JSON_OBJECT: return json_object_size(value) > 0;
    default: return true;
    }
}

json_t *model_path_get(const json_t *value, const char *path)
{
    for (;;) {
        json_t *found = (json_t *)(uintptr_t)value;
        path = skip_blanks(path);
        if (!follow(&path, &found))
            return NULL;
        if (is_something(found))
            return found;
        if (strncmp(path, "||", 2) != 0)
            return json_is_null(found) ? NULL : found;
        path += 2;
    }
}
