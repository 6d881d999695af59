#include "aws/client/marks.h"

#include <ctype.h>
#include <stdio.h>

#include "aws/client/redact.h"
#include "aws/model/model_shape.h"

#define MAX_NAME 256
#define MAX_DEPTH 32 /* of lists in lists */

/* Where the members of the body are: in the payload member, if there is one. */
struct body {
    model_shape shape;
    bool secret; /* the whole body is secret */
};

static struct body body_of(const struct redaction_marks *marks, bool answer)
{
    struct model_operation_info operation;
    struct model_shape_info info;
    struct model_member payload;
    model_operation_info(marks->model, marks->operation, &operation);
    struct body body = {answer ? operation.output : operation.input, false};
    if (body.shape == MODEL_NO_SHAPE)
        return body;
    model_shape_info(marks->model, body.shape, &info);
    if (info.payload[0] == '\0' ||
        !model_member_find(marks->model, body.shape, info.payload, &payload))
        return body;
    body.shape = payload.shape;
    model_shape_info(marks->model, payload.shape, &info);
    body.secret = payload.sensitive || info.sensitive;
    return body;
}

/* ---- names ---- */

struct names {
    const struct model *model;
    json_t *names;
    json_t *seen; /* shapes already visited */
};

static void add_name(struct names *names, const char *name, const char *replacement)
{
    char lower[MAX_NAME];
    size_t length = 0;
    for (; name[length] != '\0' && length + 1 < sizeof lower; length++)
        lower[length] = (char)tolower((unsigned char)name[length]);
    lower[length] = '\0';
    json_object_set_new_nocheck(names->names, lower, json_string(replacement));
}

/* Elements of lists and map entries have no names that say what they are, so the member that holds
 * them is secret. */
static bool holds_secrets(const struct names *names, model_shape shape)
{
    struct model_shape_info info = {.guarded = true};
    for (int depth = 0; depth < MAX_DEPTH && shape != MODEL_NO_SHAPE && info.guarded; depth++) {
        model_shape_info(names->model, shape, &info);
        if (info.sensitive)
            return true;
        shape = info.element;
    }
    return false;
}

static void add_names(struct names *names, model_shape shape);

static void add_member(struct names *names, const struct model_member *member)
{
    struct model_shape_info info;
    model_shape_info(names->model, member->shape, &info);
    if (member->plain)
        return;
    if (!member->sensitive && !holds_secrets(names, member->shape)) {
        add_names(names, member->shape);
        return;
    }
    add_name(names, member->location_name, redact_replacement(info.type));
    if (member->query_name[0] != '\0')
        add_name(names, member->query_name, redact_replacement(info.type));
}

/* All secret members below this shape. Each shape is visited once. */
static void add_names(struct names *names, model_shape shape)
{
    struct model_shape_info info;
    struct model_member member;
    model_shape_info(names->model, shape, &info);
    if (json_object_get(names->seen, info.name) != NULL)
        return;
    json_object_set_new_nocheck(names->seen, info.name, json_true());
    if (info.element != MODEL_NO_SHAPE)
        add_names(names, info.element);
    for (size_t i = 0; i < info.member_count; i++) {
        model_member_at(names->model, shape, i, &member);
        add_member(names, &member);
    }
}

/* If the path holds a secret, only the operation's name is recorded. */
static void add_path(struct names *names, const struct model_operation_info *operation)
{
    struct model_shape_info info;
    struct model_member member;
    char path[MAX_NAME];
    model_shape_info(names->model, operation->input, &info);
    for (size_t i = 0; i < info.member_count; i++) {
        model_member_at(names->model, operation->input, i, &member);
        if (member.location != MODEL_URI || member.plain ||
            (!member.sensitive && !holds_secrets(names, member.shape)))
            continue;
        snprintf(path, sizeof path, "/" RECORDED_SECRET "/%s", operation->name);
        add_name(names, "/", path);
    }
}

static json_t *collect_names(const struct redaction_marks *marks, bool answer)
{
    struct model_operation_info operation;
    struct names names = {marks->model, json_object(), json_object()};
    model_operation_info(marks->model, marks->operation, &operation);
    model_shape root = answer ? operation.output : operation.input;
    if (root != MODEL_NO_SHAPE)
        add_names(&names, root);
    if (root != MODEL_NO_SHAPE && !answer)
        add_path(&names, &operation);
    if (body_of(marks, answer).secret)
        add_name(&names, "", RECORDED_SECRET);
    json_decref(names.seen);
    return names.names;
}

/* ---- bodies ---- */

static bool redact_body(const struct redaction_marks *marks, bool answer, json_t *value)
{
    struct body body = body_of(marks, answer);
    return body.shape != MODEL_NO_SHAPE &&
           redact_wire(marks->model, body.shape, body.secret, value);
}

struct redaction_marks marks_of(const struct model *model, model_operation operation)
{
    return (struct redaction_marks){model, operation, collect_names, redact_body};
}
