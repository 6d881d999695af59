#include "generate/new_shapes.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

const char *new_shapes_noun(const char *operation)
{
    static const char *const verbs[] = {"BatchGet", "BatchDescribe", "Describe", "Get", "List"};
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        size_t length = strlen(verbs[i]);
        if (strncmp(operation, verbs[i], length) == 0 && operation[length] != '\0')
            return operation + length;
    }
    return operation;
}

bool new_shapes_plural(const char *plural, const char *name)
{
    size_t length = strlen(name);
    if (strncasecmp(plural, name, length) == 0)
        return strcmp(plural + length, "s") == 0 || strcmp(plural + length, "es") == 0;
    return length > 1 && name[length - 1] == 'y' && strncasecmp(plural, name, length - 1) == 0 &&
           strcmp(plural + length - 1, "ies") == 0;
}

void new_shapes_singular(const char *plural, char out[128])
{
    size_t length = strlen(plural);
    bool changes = length > 3 && strcmp(plural + length - 3, "ies") == 0;
    bool adds = length > 4 && strcmp(plural + length - 4, "sses") == 0;
    size_t kept = changes ? length - 3 : adds ? length - 2 : length - (plural[length - 1] == 's');
    snprintf(out, 128, "%.*s%s", (int)kept, plural, changes ? "y" : "");
}

enum model_type new_shapes_type(const struct model *model, model_shape shape)
{
    struct model_shape_info info;
    model_shape_info(model, shape, &info);
    return info.type;
}

/* The shape of the elements of a list; MODEL_NO_SHAPE if it is none. */
static model_shape element_of(const struct model *model, model_shape shape)
{
    struct model_shape_info info;
    model_shape_info(model, shape, &info);
    return info.type == MODEL_LIST ? info.element : MODEL_NO_SHAPE;
}

size_t new_shapes_required(const struct model *model, model_shape input,
                           struct model_member *member)
{
    struct model_shape_info info = {0};
    size_t required = 0;
    if (input != MODEL_NO_SHAPE)
        model_shape_info(model, input, &info);
    for (size_t i = 0; i < info.member_count; i++) {
        struct model_member one;
        model_member_at(model, input, i, &one);
        if (one.required && required++ == 0)
            *member = one;
    }
    return required;
}

bool new_shapes_items(const struct model *model, model_operation operation,
                      const struct model_operation_info *info, char items[128],
                      model_shape *element)
{
    struct model_paginator paginator;
    struct model_member member;
    struct model_shape_info output = {0};
    if (info->output == MODEL_NO_SHAPE)
        return false;
    model_shape_info(model, info->output, &output);
    const char *path = model_paginator(model, operation, &paginator) ? paginator.result_key[0] : "";
    for (size_t i = 0; i < output.member_count; i++) {
        model_member_at(model, info->output, i, &member);
        *element = element_of(model, member.shape);
        if (*element == MODEL_NO_SHAPE || (path[0] != '\0' && strcmp(path, member.name) != 0))
            continue;
        snprintf(items, 128, "%s", member.name);
        return true;
    }
    return false;
}

const char *new_shapes_item_id(const struct model *model, model_shape element, const char *noun,
                               const char *parameter)
{
    static const char *const endings[] = {"Id", "Identifier", "Name", "Arn", "ARN", "Url"};
    struct model_member member;
    if (parameter != NULL && model_member_find(model, element, parameter, &member))
        return member.name;
    struct model_shape_info info;
    model_shape_info(model, element, &info);
    for (size_t with_noun = 2; with_noun-- > 0;) {
        for (size_t e = 0; e < sizeof endings / sizeof *endings; e++) {
            char *wanted = mem_printf("%s%s", with_noun ? noun : "", endings[e]);
            const char *found = NULL;
            for (size_t i = 0; i < info.member_count && found == NULL; i++) {
                model_member_at(model, element, i, &member);
                bool text = new_shapes_type(model, member.shape) == MODEL_STRING;
                found = text && strcasecmp(member.name, wanted) == 0 ? member.name : NULL;
            }
            mem_free(wanted);
            if (found != NULL)
                return found;
        }
    }
    return NULL;
}
