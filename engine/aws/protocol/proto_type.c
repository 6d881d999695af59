#include "aws/protocol/proto_type.h"

#include <string.h>

#include "base/clock.h"

const char *proto_kind_of(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT: return "a table with names";
    case JSON_ARRAY: return "a list";
    case JSON_STRING: return "a string";
    case JSON_INTEGER: return "an integer";
    case JSON_REAL: return "a number with a fraction";
    case JSON_TRUE:
    case JSON_FALSE: return "a boolean";
    case JSON_NULL: break;
    }
    return "null";
}

bool proto_is_table(const json_t *value)
{
    return json_is_object(value) || (json_is_array(value) && json_array_size(value) == 0);
}

bool proto_is_list(const json_t *value)
{
    return json_is_array(value) || (json_is_object(value) && json_object_size(value) == 0);
}

static bool is_special_float(const json_t *value)
{
    const char *text = json_string_value(value);
    return text != NULL && (strcmp(text, "NaN") == 0 || strcmp(text, "Infinity") == 0 ||
                            strcmp(text, "-Infinity") == 0);
}

static bool is_time(const json_t *value)
{
    int64_t ms;
    return json_is_number(value) ||
           (json_is_string(value) && clock_parse_rfc3339(json_string_value(value), &ms) == 0);
}

const char *proto_scalar_expected(enum model_type type, const json_t *value)
{
    switch (type) {
    case MODEL_STRING: return json_is_string(value) ? NULL : "a string";
    case MODEL_BLOB: return json_is_string(value) ? NULL : "a string of bytes";
    case MODEL_BOOLEAN: return json_is_boolean(value) ? NULL : "a boolean";
    case MODEL_INTEGER:
    case MODEL_LONG: return json_is_integer(value) ? NULL : "an integer";
    case MODEL_FLOAT:
    case MODEL_DOUBLE: return json_is_number(value) || is_special_float(value) ? NULL : "a number";
    case MODEL_TIMESTAMP:
        return is_time(value) ? NULL : "a time (seconds since 1970, or RFC 3339 text)";
    default: return NULL; /* a document may hold any value */
    }
}
