#include "aws/protocol/proto_validate.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "aws/model/model_shape.h"
#include "aws/protocol/proto_type.h"
#include "base/buf.h"
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
    bool answer; /* a result: nothing is required, and nothing becomes part of a request */
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
    err_set(check->err, ERR_PARAM, "%s: %s%s",
            text.len > 0    ? text.data
            : check->answer ? "result"
                            : "parameters",
            what, more);
    buf_clear(&text);
    return -1;
}

static int wrong_type(const struct check *check, const struct path *path, const char *expected,
                      const json_t *value)
{
    char what[100];
    snprintf(what, sizeof what, "expected %s, got ", expected);
    return complain(check, path, what, proto_kind_of(value));
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
    return complain(check, path, check->answer ? "unknown member" : "unknown parameter", hint);
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
    return check->answer ? 0 : check_location(check, path, member, value);
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
    if (!proto_is_table(value))
        return wrong_type(check, path, "a table with names", value);
    if (info->is_union && json_object_size(value) != 1)
        return complain(check, path, "exactly one of its members must be set", "");
    if (check_given(check, path, shape, info, value) != 0)
        return -1;
    return check->answer ? 0 : check_missing(check, path, shape, info, value);
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
    if (!proto_is_list(value))
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
    if (!proto_is_table(value))
        return wrong_type(check, parent, "a table with names", value);
    json_object_foreach ((json_t *)(uintptr_t)value, key, element) {
        struct path path = {parent, key, 0, parent->depth + 1};
        if (check_key(check, &path, info->key) != 0 ||
            check_element(check, &path, info, element) != 0)
            return -1;
    }
    return 0;
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
    const char *expected = proto_scalar_expected(info.type, value);
    if (expected != NULL)
        return wrong_type(check, path, expected, value);
    return info.type == MODEL_STRING ? check_text(check, path, shape, &info, value) : 0;
}

static int check_none(const struct check *check, const struct path *root, const json_t *params)
{
    const char *name = json_object_iter_key(json_object_iter((json_t *)(uintptr_t)params));
    struct path path = {root, name, 0, 1};
    if (!proto_is_table(params))
        return wrong_type(check, root, "a table with names", params);
    if (name == NULL)
        return 0;
    return complain(
        check, &path,
        check->answer ? "the operation returns nothing" : "the operation takes no parameters", "");
}

static int validate(const struct check *check, model_shape shape, const json_t *given)
{
    struct path root = {NULL, NULL, 0, 0};
    json_t *empty = json_object();
    const json_t *value = given != NULL ? given : empty;
    int result = shape == MODEL_NO_SHAPE ? check_none(check, &root, value)
                                         : check_value(check, &root, shape, value);
    json_decref(empty);
    return result;
}

static int validate_params(const struct check *check, model_operation operation,
                           const json_t *params)
{
    struct model_operation_info info;
    model_operation_info(check->model, operation, &info);
    return validate(check, info.input, params);
}

int proto_validate(const struct model *model, model_operation operation, const json_t *params,
                   struct err *err)
{
    struct check check = {.model = model, .err = err};
    return validate_params(&check, operation, params);
}

int proto_validate_change(const struct model *model, model_operation operation,
                          const json_t *params, struct err *err)
{
    struct check check = {.model = model, .change = true, .err = err};
    return validate_params(&check, operation, params);
}

int proto_validate_answer(const struct model *model, model_operation operation,
                          const json_t *result, struct err *err)
{
    struct check check = {.model = model, .change = true, .answer = true, .err = err};
    struct model_operation_info info;
    model_operation_info(model, operation, &info);
    return validate(&check, info.output, result);
}
