#include "aws/protocol/proto_validate.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "aws/model/model_shape.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/suggest.h"

#define MAX_DEPTH 200
#define MAX_PATH_TEXT 400
#define MAX_VALUES 200 /* of the list of allowed values in a message */

/* The path to a value: a chain on the C stack, which is only converted to text for an error. */
struct path {
    const struct path *parent; /* NULL: the parameters themselves */
    const char *name;          /* NULL: the element of a list */
    size_t index;
    int depth;
};

struct check {
    const struct model *model;
    bool change; /* check texts against the model's values, and that required maps are not empty */
    struct err *err;
};

static int check_value(const struct check *check, const struct path *path, model_shape shape,
                       const json_t *value);

static void write_path(const struct path *path, struct buf *out)
{
    if (path->parent == NULL)
        return;
    write_path(path->parent, out);
    if (path->name == NULL)
        buf_addf(out, "[%zu]", path->index);
    else
        buf_addf(out, "%s%s", out->len > 0 ? "." : "", path->name);
}

/* "Tags[2].Key: expected a string, got a number". */
static int complain(const struct check *check, const struct path *path, const char *what,
                    const char *more)
{
    struct buf text;
    buf_init(&text, MAX_PATH_TEXT);
    write_path(path, &text);
    err_set(check->err, ERR_PARAM, "%s: %s%s", text.len > 0 ? text.data : "parameters", what, more);
    buf_clear(&text);
    return -1;
}

static const char *kind_of(const json_t *value)
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

static int wrong_type(const struct check *check, const struct path *path, const char *expected,
                      const json_t *value)
{
    char what[100];
    snprintf(what, sizeof what, "expected %s, got ", expected);
    return complain(check, path, what, kind_of(value));
}

/* Lua cannot tell an empty list from an empty map. */
static bool is_table(const json_t *value)
{
    return json_is_object(value) || (json_is_array(value) && json_array_size(value) == 0);
}

static bool is_list(const json_t *value)
{
    return json_is_array(value) || (json_is_object(value) && json_object_size(value) == 0);
}

static int unknown_name(const struct check *check, const struct path *path, model_shape shape,
                        const struct model_shape_info *info)
{
    struct suggest suggest;
    struct model_member member;
    char hint[SUGGEST_TEXT];
    suggest_init(&suggest, path->name);
    for (size_t i = 0; i < info->member_count; i++) {
        model_member_at(check->model, shape, i, &member);
        suggest_offer(&suggest, member.name);
    }
    suggest_text(&suggest, hint);
    return complain(check, path, "unknown parameter", hint);
}

static bool is_listed(const struct check *check, model_shape shape, size_t count,
                      const json_t *text)
{
    for (size_t i = 0; i < count; i++) {
        const char *listed = model_enum_at(check->model, shape, i);
        if (strlen(listed) == json_string_length(text) &&
            strcmp(listed, json_string_value(text)) == 0)
            return true;
    }
    return false;
}

/* Names the most similar value, or else lists the values, but never shows the given one. */
static int unlisted(const struct check *check, const struct path *path, model_shape shape,
                    size_t count, const json_t *text)
{
    struct suggest suggest;
    char hint[SUGGEST_TEXT];
    struct buf values;
    suggest_init(&suggest, json_string_value(text));
    buf_init(&values, MAX_VALUES);
    for (size_t i = 0; i < count; i++) {
        const char *listed = model_enum_at(check->model, shape, i);
        suggest_offer(&suggest, listed);
        buf_addf(&values, "%s\"%s\"", i == 0 ? ", which are " : ", ", listed);
    }
    suggest_text(&suggest, hint);
    bool all = hint[0] == '\0' && !values.failed;
    complain(check, path, "none of the values that the API model lists", all ? values.data : hint);
    buf_clear(&values);
    return -1;
}

static int check_text(const struct check *check, const struct path *path, model_shape shape,
                      const struct model_shape_info *info, const json_t *text)
{
    if (!check->change || info->enum_count == 0 || is_listed(check, shape, info->enum_count, text))
        return 0;
    return unlisted(check, path, shape, info->enum_count, text);
}

/* A label of a host name: any other text could send the request to another host. */
static bool is_host_label(const char *text, size_t length)
{
    if (length == 0 || length > 63 || text[0] == '-' || text[length - 1] == '-')
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!isalnum((unsigned char)text[i]) && text[i] != '-')
            return false;
    }
    return true;
}

static bool has_line_break(const char *text, size_t length)
{
    return memchr(text, '\r', length) != NULL || memchr(text, '\n', length) != NULL ||
           memchr(text, '\0', length) != NULL;
}

/* Checks what the position of a text in the request requires of it. */
static int check_location(const struct check *check, const struct path *path,
                          const struct model_member *member, const json_t *value)
{
    const char *text = json_string_value(value);
    size_t length = json_string_length(value);
    if (text == NULL || member->jsonvalue)
        return 0;
    if (member->location == MODEL_URI && length == 0)
        return complain(check, path, "may not be empty, since it is part of the path", "");
    if (member->host_label && !is_host_label(text, length))
        return complain(check, path,
                        "becomes part of a host name, so only letters, digits and '-' are allowed",
                        "");
    if (member->location == MODEL_HEADER && has_line_break(text, length))
        return complain(check, path, "becomes a header, so line breaks are not allowed", "");
    return 0;
}

static int check_member(const struct check *check, const struct path *path,
                        const struct model_member *member, const json_t *value)
{
    if (member->jsonvalue)
        return 0; /* any JSON, sent as text */
    if (check_value(check, path, member->shape, value) != 0)
        return -1;
    return check_location(check, path, member, value);
}

static int check_given(const struct check *check, const struct path *parent, model_shape shape,
                       const struct model_shape_info *info, const json_t *value)
{
    const char *name;
    json_t *given;
    json_object_foreach ((json_t *)(uintptr_t)value, name, given) {
        struct path path = {parent, name, 0, parent->depth + 1};
        struct model_member member;
        if (!model_member_find(check->model, shape, name, &member))
            return unknown_name(check, &path, shape, info);
        if (check_member(check, &path, &member, given) != 0)
            return -1;
    }
    return 0;
}

/* Labels of path and host are required even if the model does not say so; tokens are generated. */
static bool is_needed(const struct model_member *member)
{
    if (member->idempotency_token)
        return false;
    return member->required || member->location == MODEL_URI || member->host_label;
}

/* In Lua, a key whose value is nil does not exist. So a required map of a change that is empty has
 * probably lost its entries. */
static bool lost_its_keys(const struct check *check, const struct model_member *member,
                          const json_t *value)
{
    struct model_shape_info info;
    model_shape_info(check->model, member->shape, &info);
    return check->change && info.type == MODEL_MAP && json_object_size(value) == 0;
}

static int check_missing(const struct check *check, const struct path *parent, model_shape shape,
                         const struct model_shape_info *info, const json_t *value)
{
    for (size_t i = 0; i < info->member_count; i++) {
        struct model_member member;
        model_member_at(check->model, shape, i, &member);
        struct path path = {parent, member.name, 0, parent->depth + 1};
        if (!is_needed(&member))
            continue;
        const json_t *given = json_object_get(value, member.name);
        if (given == NULL)
            return complain(check, &path, "required, but missing", "");
        if (lost_its_keys(check, &member, given))
            return complain(check, &path, "required, but empty; was the value of a key nil?", "");
    }
    return 0;
}

static int check_structure(const struct check *check, const struct path *path, model_shape shape,
                           const struct model_shape_info *info, const json_t *value)
{
    if (!is_table(value))
        return wrong_type(check, path, "a table with names", value);
    if (info->is_union && json_object_size(value) != 1)
        return complain(check, path, "exactly one of its members must be set", "");
    if (check_given(check, path, shape, info, value) != 0)
        return -1;
    return check_missing(check, path, shape, info, value);
}

/* An element of a list or map: null ("no value") is only allowed in sparse ones. */
static int check_element(const struct check *check, const struct path *path,
                         const struct model_shape_info *info, const json_t *value)
{
    if (info->sparse && json_is_null(value))
        return 0;
    return check_value(check, path, info->element, value);
}

static int check_list(const struct check *check, const struct path *parent,
                      const struct model_shape_info *info, const json_t *value)
{
    if (!is_list(value))
        return wrong_type(check, parent, "a list", value);
    for (size_t i = 0; i < json_array_size(value); i++) {
        /* Counted from 1, as in Lua, because authors of policies read the message. */
        struct path path = {parent, NULL, i + 1, parent->depth + 1};
        if (check_element(check, &path, info, json_array_get(value, i)) != 0)
            return -1;
    }
    return 0;
}

static int check_key(const struct check *check, const struct path *path, model_shape shape)
{
    struct model_shape_info info;
    model_shape_info(check->model, shape, &info);
    json_t *text = json_string_nocheck(path->name);
    int result = check_text(check, path, shape, &info, text);
    json_decref(text);
    return result;
}

static int check_map(const struct check *check, const struct path *parent,
                     const struct model_shape_info *info, const json_t *value)
{
    const char *key;
    json_t *element;
    if (!is_table(value))
        return wrong_type(check, parent, "a table with names", value);
    json_object_foreach ((json_t *)(uintptr_t)value, key, element) {
        struct path path = {parent, key, 0, parent->depth + 1};
        if (check_key(check, &path, info->key) != 0 ||
            check_element(check, &path, info, element) != 0)
            return -1;
    }
    return 0;
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

/* NULL if a scalar has the right type, else the expected type. */
static const char *scalar_expected(enum model_type type, const json_t *value)
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

static int check_value(const struct check *check, const struct path *path, model_shape shape,
                       const json_t *value)
{
    struct model_shape_info info;
    if (path->depth > MAX_DEPTH)
        return complain(check, path, "nested too deeply", "");
    model_shape_info(check->model, shape, &info);
    switch (info.type) {
    case MODEL_STRUCTURE: return check_structure(check, path, shape, &info, value);
    case MODEL_LIST: return check_list(check, path, &info, value);
    case MODEL_MAP: return check_map(check, path, &info, value);
    default: break;
    }
    const char *expected = scalar_expected(info.type, value);
    if (expected != NULL)
        return wrong_type(check, path, expected, value);
    return info.type == MODEL_STRING ? check_text(check, path, shape, &info, value) : 0;
}

static int check_none(const struct check *check, const struct path *root, const json_t *params)
{
    const char *name = json_object_iter_key(json_object_iter((json_t *)(uintptr_t)params));
    struct path path = {root, name, 0, 1};
    if (!is_table(params))
        return wrong_type(check, root, "a table with names", params);
    return name == NULL ? 0 : complain(check, &path, "the operation takes no parameters", "");
}

static int validate(const struct check *check, model_operation operation, const json_t *params)
{
    struct model_operation_info info;
    struct path root = {NULL, NULL, 0, 0};
    json_t *empty = json_object();
    const json_t *given = params != NULL ? params : empty;
    model_operation_info(check->model, operation, &info);
    int result = info.input == MODEL_NO_SHAPE ? check_none(check, &root, given)
                                              : check_value(check, &root, info.input, given);
    json_decref(empty);
    return result;
}

int proto_validate(const struct model *model, model_operation operation, const json_t *params,
                   struct err *err)
{
    struct check check = {model, false, err};
    return validate(&check, operation, params);
}

int proto_validate_change(const struct model *model, model_operation operation,
                          const json_t *params, struct err *err)
{
    struct check check = {model, true, err};
    return validate(&check, operation, params);
}
