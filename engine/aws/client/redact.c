#include "aws/client/redact.h"

#include <stdio.h>
#include <string.h>

#include "aws/client/client.h"
#include "aws/model/model_shape.h"
#include "aws/operations/opset.h"
#include "net/recording/redaction_names.h"

#define MAX_PATH 1000
#define MAX_DEPTH 32 /* of lists in lists */

struct redact_walk {
    const struct model *model;
    const char *service;
    const struct opset *declared; /* NULL: none */
    bool wire;                    /* the value is as it was sent: replace with MASKED */
    bool redacted;                /* something was redacted */
    char path[MAX_PATH]; /* "Operation.Path.To.Member"; a longer path counts as not declared */
};

static json_t *redact_value(struct redact_walk *redact_walk, model_shape shape, bool secret,
                            json_t *value);

const char *redact_replacement(enum model_type type)
{
    switch (type) {
    case MODEL_BLOB: return "TUFTS0VE"; /* MASKED, in base64 */
    case MODEL_BOOLEAN: return "false";
    case MODEL_INTEGER:
    case MODEL_LONG:
    case MODEL_FLOAT:
    case MODEL_DOUBLE: return "0";
    case MODEL_TIMESTAMP: return "1970-01-01T00:00:00Z";
    default: return RECORDED_SECRET;
    }
}

static json_t *redact_leaf(struct redact_walk *redact_walk, enum model_type type, json_t *value)
{
    redact_walk->redacted = redact_walk->redacted || !json_is_null(value);
    switch (json_typeof(value)) {
    case JSON_STRING: return json_string(redact_walk->wire ? redact_replacement(type) : REDACTED);
    case JSON_INTEGER: return json_integer(0);
    case JSON_REAL: return json_real(0);
    case JSON_TRUE: return json_false();
    default: return json_incref(value);
    }
}

/* Appends a member to the path. Returns the former length of the path, to restore it. */
static size_t step_down(struct redact_walk *redact_walk, const char *name)
{
    size_t length = strlen(redact_walk->path);
    if (redact_walk->declared != NULL)
        snprintf(redact_walk->path + length, MAX_PATH - length, ".%s", name);
    return length;
}

static bool is_declared(const struct redact_walk *redact_walk)
{
    return redact_walk->declared != NULL && strlen(redact_walk->path) + 1 < MAX_PATH &&
           opset_has(redact_walk->declared, redact_walk->service, redact_walk->path);
}

static void redact_member(struct redact_walk *redact_walk, model_shape structure, bool secret,
                          json_t *object, const char *name, json_t *value)
{
    struct model_member member = {.shape = MODEL_NO_SHAPE};
    bool known = redact_walk->wire
                     ? model_member_by_wire(redact_walk->model, structure, name, &member)
                     : model_member_find(redact_walk->model, structure, name, &member);
    if (known && member.plain)
        return;
    size_t length = step_down(redact_walk, name);
    if (!is_declared(redact_walk)) {
        json_t *redacted =
            redact_value(redact_walk, member.shape, secret || member.sensitive, value);
        json_object_set_new_nocheck(object, name, redacted);
    }
    redact_walk->path[length] = '\0';
}

static void redact_children(struct redact_walk *redact_walk, model_shape shape,
                            const struct model_shape_info *info, bool secret, json_t *value)
{
    const char *name;
    json_t *inner;
    size_t i;
    json_object_foreach (value, name, inner) {
        if (info->type == MODEL_STRUCTURE)
            redact_member(redact_walk, shape, secret, value, name, inner);
        else
            json_object_set_new_nocheck(value, name,
                                        redact_value(redact_walk, info->element, secret, inner));
    }
    json_array_foreach (value, i, inner)
        json_array_set_new(value, i, redact_value(redact_walk, info->element, secret, inner));
}

/* The replacement of the value: the value itself, if only parts of it are redacted. New
 * reference. */
static json_t *redact_value(struct redact_walk *redact_walk, model_shape shape, bool secret,
                            json_t *value)
{
    struct model_shape_info info;
    model_shape_info(redact_walk->model, shape, &info);
    secret = secret || info.sensitive;
    if (!secret && !info.guarded)
        return json_incref(value);
    if (!json_is_object(value) && !json_is_array(value))
        return secret ? redact_leaf(redact_walk, info.type, value) : json_incref(value);
    redact_children(redact_walk, shape, &info, secret, value);
    return json_incref(value);
}

void redact(const struct model *model, model_operation operation, const struct opset *declared,
            json_t *result)
{
    struct model_operation_info info;
    struct redact_walk redact_walk = {.model = model, .service = model_info(model)->name};
    model_operation_info(model, operation, &info);
    if (info.output == MODEL_NO_SHAPE)
        return;
    if (declared != NULL && opset_count(declared) > 0)
        redact_walk.declared = declared;
    snprintf(redact_walk.path, MAX_PATH, "%s", info.name);
    json_decref(redact_value(&redact_walk, info.output, false, result));
}

bool redact_wire(const struct model *model, model_shape shape, bool secret, json_t *body)
{
    struct redact_walk redact_walk = {.model = model, .wire = true};
    json_decref(redact_value(&redact_walk, shape, secret, body));
    return redact_walk.redacted;
}

/* ---- the type that a path names ---- */

static model_shape within_lists(const struct model *model, model_shape shape, bool *secret)
{
    struct model_shape_info info;
    for (int depth = 0; depth < MAX_DEPTH; depth++) {
        model_shape_info(model, shape, &info);
        *secret = *secret || info.sensitive;
        if (info.type != MODEL_LIST && info.type != MODEL_MAP)
            return shape;
        shape = info.element;
    }
    return MODEL_NO_SHAPE;
}

int redact_affects(const struct model *model, model_operation operation, const char *path)
{
    struct model_operation_info info;
    struct model_shape_info last;
    struct model_member member;
    bool secret = false;
    char name[256];
    model_operation_info(model, operation, &info);
    if (*path == '\0')
        return -1;
    for (model_shape shape = info.output; *path != '\0'; shape = member.shape) {
        size_t length = strcspn(path, ".");
        snprintf(name, sizeof name, "%.*s", (int)length, path);
        if (!model_member_find(model, within_lists(model, shape, &secret), name, &member))
            return -1;
        secret = (secret || member.sensitive) && !member.plain;
        path += length + (path[length] == '.');
    }
    model_shape_info(model, member.shape, &last);
    return secret || (last.guarded && !member.plain) ? 1 : 0;
}

bool redact_found(const json_t *value)
{
    const char *name;
    json_t *inner;
    size_t i;
    if (json_is_string(value))
        return strcmp(json_string_value(value), REDACTED) == 0;
    json_object_foreach ((json_t *)value, name, inner) {
        if (redact_found(inner))
            return true;
    }
    json_array_foreach (value, i, inner) {
        if (redact_found(inner))
            return true;
    }
    return false;
}
