#include "generate/show_model.h"

#include <string.h>

#include "aws/model/model_shape.h"
#include "aws/operations/opclass.h"
#include "base/mem.h"

#define WIDTH 90
#define STEP 2
/* Deeper structures are rare, and their lines would be too narrow to read. */
#define DEEPEST 20

struct show {
    const struct model *model;
    struct buf *out;
    model_shape *shown; /* the structures that were described already */
    size_t count;
    size_t column; /* in a line of words */
};

static const char *type_name(enum model_type type)
{
    static const char *const names[] = {[MODEL_STRUCTURE] = "structure",
                                        [MODEL_LIST] = "list",
                                        [MODEL_MAP] = "map",
                                        [MODEL_STRING] = "string",
                                        [MODEL_BLOB] = "bytes",
                                        [MODEL_BOOLEAN] = "boolean",
                                        [MODEL_INTEGER] = "integer",
                                        [MODEL_LONG] = "integer",
                                        [MODEL_FLOAT] = "number",
                                        [MODEL_DOUBLE] = "number",
                                        [MODEL_TIMESTAMP] = "timestamp",
                                        [MODEL_DOCUMENT] = "document"};
    return names[type];
}

static void indent(struct show *show, int depth)
{
    for (int i = 0; i < depth * STEP; i++)
        buf_addc(show->out, ' ');
}

/* Adds one of several words, separated by commas, in lines that are not too long. The first word
 * begins a line with the label. */
static void add_word(struct show *show, const char *word, const char *label, int depth, bool first)
{
    size_t room = strlen(word) + 2;
    if (!first)
        buf_addc(show->out, ',');
    if (first || show->column + room > WIDTH) {
        const char *start = first ? label : "  ";
        buf_addc(show->out, '\n');
        indent(show, depth);
        buf_adds(show->out, start);
        show->column = (size_t)depth * STEP + strlen(start);
    } else {
        buf_addc(show->out, ' ');
    }
    buf_adds(show->out, word);
    show->column += room;
}

/* The listed values of a string. */
static void show_values(struct show *show, model_shape shape, const char *label, int depth)
{
    struct model_shape_info info;
    model_shape_info(show->model, shape, &info);
    for (size_t i = 0; i < info.enum_count; i++)
        add_word(show, model_enum_at(show->model, shape, i), label, depth, i == 0);
}

static bool was_shown(const struct show *show, model_shape shape)
{
    for (size_t i = 0; i < show->count; i++) {
        if (show->shown[i] == shape)
            return true;
    }
    return false;
}

static void mark_shown(struct show *show, model_shape shape)
{
    show->shown = mem_resize(show->shown, (show->count + 1) * sizeof *show->shown);
    show->shown[show->count++] = shape;
}

/* "list of map of string to structure Tag"; returns the innermost shape. */
static model_shape show_type(struct show *show, model_shape shape)
{
    struct model_shape_info info, key;
    model_shape_info(show->model, shape, &info);
    buf_adds(show->out, type_name(info.type));
    if (info.type == MODEL_STRUCTURE)
        buf_addf(show->out, " %s%s", info.name, info.is_union ? " (exactly one member)" : "");
    if (info.type == MODEL_MAP) {
        model_shape_info(show->model, info.key, &key);
        buf_addf(show->out, " of %s to ", type_name(key.type));
        return show_type(show, info.element);
    }
    if (info.type != MODEL_LIST)
        return shape;
    buf_adds(show->out, " of ");
    return show_type(show, info.element);
}

static void show_keys(struct show *show, model_shape shape, int depth)
{
    struct model_shape_info info;
    model_shape_info(show->model, shape, &info);
    if (info.type == MODEL_MAP)
        show_values(show, info.key, "keys: ", depth);
    if (info.type == MODEL_MAP || info.type == MODEL_LIST)
        show_keys(show, info.element, depth);
}

static void show_members(struct show *show, model_shape structure, int depth);

static void show_member(struct show *show, const struct model_member *member, int depth)
{
    indent(show, depth);
    buf_addf(show->out, "%s: ", member->name);
    model_shape inner = show_type(show, member->shape);
    if (member->required)
        buf_adds(show->out, ", required");
    struct model_shape_info info;
    model_shape_info(show->model, inner, &info);
    if (member->sensitive || (info.sensitive && !member->plain))
        buf_adds(show->out, ", secret");
    bool again = info.type == MODEL_STRUCTURE && was_shown(show, inner);
    if (again)
        buf_adds(show->out, " (described above)");
    show_keys(show, member->shape, depth + 1);
    if (info.type == MODEL_STRING)
        show_values(show, inner, "values: ", depth + 1);
    buf_addc(show->out, '\n');
    if (info.type == MODEL_STRUCTURE && !again && depth < DEEPEST)
        show_members(show, inner, depth + 1);
}

static void show_members(struct show *show, model_shape structure, int depth)
{
    struct model_shape_info info;
    model_shape_info(show->model, structure, &info);
    mark_shown(show, structure);
    for (size_t i = 0; i < info.member_count; i++) {
        struct model_member member;
        model_member_at(show->model, structure, i, &member);
        show_member(show, &member, depth);
    }
}

static void show_part(struct show *show, const char *title, model_shape shape)
{
    struct model_shape_info info = {0};
    if (shape != MODEL_NO_SHAPE)
        model_shape_info(show->model, shape, &info);
    buf_addf(show->out, "\n%s:%s\n", title, info.member_count == 0 ? " no members" : "");
    show->count = 0;
    if (info.member_count > 0)
        show_members(show, shape, 1);
}

static const char *use_in_policy(enum opclass class)
{
    switch (class) {
    case OP_READ: return "read";
    case OP_FORBIDDEN: return "not for policies";
    case OP_UNREVIEWED: return "not reviewed";
    default: return "change";
    }
}

static const char *use_in_words(enum opclass class)
{
    switch (class) {
    case OP_READ: return "a read: a policy may declare it under permissions.read";
    case OP_FORBIDDEN: return "reveals data, secrets or identities: no policy may call it";
    case OP_UNREVIEWED:
        return "a change; or a read that was not reviewed: a policy may declare it under\n"
               "permissions.read with { reviewed = \"why it only reads\" }";
    default: return "a change: only a step of a fix may make it, declared under permissions.write";
    }
}

static void show_pages(struct show *show, model_operation operation, const char *name)
{
    struct model_paginator paginator;
    if (!model_paginator(show->model, operation, &paginator))
        return;
    buf_addf(show->out, "\npages: for page in aws.%s:pages(\"%s\", { … }) do … end; items in ",
             model_info(show->model)->name, name);
    for (size_t i = 0; i < paginator.result_count; i++)
        buf_addf(show->out, "%s%s", i > 0 ? ", " : "", paginator.result_key[i]);
    buf_addc(show->out, '\n');
}

static void show_errors(struct show *show, model_operation operation)
{
    size_t count = model_error_count(show->model, operation);
    for (size_t i = 0; i < count; i++) {
        struct model_error error;
        model_error_at(show->model, operation, i, &error);
        add_word(show, error.code, "errors: ", 0, i == 0);
    }
    if (count > 0)
        buf_addc(show->out, '\n');
}

void show_operation(const struct model *model, model_operation operation, struct buf *out)
{
    struct show show = {.model = model, .out = out};
    const struct model_info *service = model_info(model);
    struct model_operation_info info;
    model_operation_info(model, operation, &info);
    buf_addf(out, "%s:%s (%s, API version %s)\n", service->name, info.name, service->service_id,
             service->api_version);
    if (service->uid[0] != '\0')
        buf_addf(out, "https://docs.aws.amazon.com/goto/WebAPI/%s/%s\n", service->uid, info.name);
    buf_addf(out, "%s\n", use_in_words(opclass_of(service->name, info.name)));
    show_part(&show, "input", info.input);
    show_part(&show, "output", info.output);
    show_pages(&show, operation, info.name);
    show_errors(&show, operation);
    mem_free(show.shown);
}

void show_service(const struct model *model, struct buf *out)
{
    const struct model_info *service = model_info(model);
    size_t count = model_operation_count(model);
    buf_addf(out, "%s (%s, API version %s): %zu operations\n\n", service->name, service->service_id,
             service->api_version, count);
    for (size_t i = 0; i < count; i++) {
        struct model_operation_info info;
        model_operation_info(model, model_operation_at(model, i), &info);
        buf_addf(out, "%-17s %s\n", use_in_policy(opclass_of(service->name, info.name)), info.name);
    }
}
