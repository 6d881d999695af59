#include "generate/new_policy.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "aws/model/model_open.h"
#include "aws/operations/opclass.h"
#include "base/mem.h"
#include "generate/new_member.h"
#include "generate/new_shapes.h"

/* ---- the operation that lists ---- */

/* How well an operation suits to list the ids that `read` takes; 0: not at all. */
static int suits(struct new_policy *policy, model_operation operation)
{
    struct model_operation_info info;
    struct model_member ignored;
    char items[128];
    model_shape element;
    const struct model *model = policy->model;
    model_operation_info(model, operation, &info);
    if (opclass_of(model_info(model)->name, info.name) != OP_READ ||
        new_shapes_required(model, info.input, &ignored) > 0 ||
        !new_shapes_items(model, operation, &info, items, &element))
        return 0;
    const char *noun = new_shapes_noun(policy->read_info.name);
    bool plural = new_shapes_plural(new_shapes_noun(info.name), noun);
    if (new_shapes_type(model, element) == MODEL_STRING)
        return new_shapes_plural(items, policy->parameter) ? 4 + plural : 3 * plural;
    if (new_shapes_type(model, element) != MODEL_STRUCTURE)
        return 0;
    if (model_member_find(model, element, policy->parameter, &ignored))
        return 3 + 2 * plural;
    plural |= new_shapes_plural(items, policy->parameter);
    return new_shapes_item_id(model, element, noun, NULL) != NULL ? 2 * plural : 0;
}

static int choose_list(struct new_policy *policy, struct err *err)
{
    int best = 0;
    for (size_t i = 0; i < model_operation_count(policy->model); i++) {
        model_operation operation = model_operation_at(policy->model, i);
        int score = suits(policy, operation);
        if (score > best) {
            best = score;
            policy->list = operation;
        }
    }
    if (best > 0)
        return 0;
    return err_set(err, ERR_USAGE,
                   "no operation of %s was found that lists what %s reads: name one with --list "
                   "%s:OPERATION",
                   model_info(policy->model)->name, policy->read_info.name,
                   model_info(policy->model)->name);
}

/* A list without a paginator may have pages all the same. */
static void find_tokens(struct new_policy *policy)
{
    static const char *const names[][2] = {
        {"NextToken", "NextToken"}, {"nextToken", "nextToken"}, {"NextMarker", "Marker"},
        {"Marker", "Marker"},       {"marker", "marker"},
    };
    const struct model *model = policy->model;
    for (size_t i = 0; i < sizeof names / sizeof *names && policy->next == NULL; i++) {
        if (policy->list_info.input == MODEL_NO_SHAPE ||
            !new_member_is_text(model, policy->list_info.output, names[i][0]) ||
            !new_member_is_text(model, policy->list_info.input, names[i][1]))
            continue;
        policy->next = names[i][0];
        policy->start = names[i][1];
    }
}

static void find_pages(struct new_policy *policy)
{
    struct model_paginator paginator;
    const struct model *model = policy->model;
    policy->paged = model_paginator(model, policy->list, &paginator);
    policy->tokens = policy->paged && paginator.token_count == 1 &&
                     strpbrk(paginator.output_token[0], ".[| ") == NULL &&
                     new_member_is_text(model, policy->list_info.output, paginator.output_token[0]);
    if (!policy->paged)
        find_tokens(policy);
}

static int take_list(struct new_policy *policy, struct err *err)
{
    model_shape element;
    struct model_member needed;
    const struct model *model = policy->model;
    model_operation_info(model, policy->list, &policy->list_info);
    if (new_shapes_required(model, policy->list_info.input, &needed) > 0)
        return err_set(
            err, ERR_USAGE,
            "%s cannot list everything, because it requires %s: write the policy by hand "
            "(docs/policy-authors.md)",
            policy->list_info.name, needed.name);
    if (!new_shapes_items(model, policy->list, &policy->list_info, policy->items, &element))
        return err_set(err, ERR_USAGE, "%s returns no list", policy->list_info.name);
    find_pages(policy);
    if (new_shapes_type(model, element) == MODEL_STRING)
        return 0;
    policy->item_id = new_shapes_item_id(model, element, policy->noun, policy->parameter);
    if (policy->item_id != NULL)
        return 0;
    return err_set(err, ERR_USAGE, "the items of %s have no member that is an id",
                   policy->list_info.name);
}

/* ---- how one resource is read ---- */

/* The id in an item that this parameter takes: itself, or its singular. */
static const char *id_of_parameter(const struct model *model, model_shape element,
                                   const struct model_member *parameter, enum new_read *how)
{
    struct model_member member;
    struct model_shape_info info;
    model_shape_info(model, element, &info);
    bool list = new_shapes_type(model, parameter->shape) == MODEL_LIST;
    for (size_t i = 0; i < info.member_count; i++) {
        struct model_shape_info shape;
        model_member_at(model, element, i, &member);
        model_shape_info(model, member.shape, &shape);
        if (shape.type != MODEL_STRING || shape.enum_count > 0)
            continue;
        *how = list ? NEW_ONE_OF : NEW_FILTERED;
        if (list ? new_shapes_plural(parameter->name, member.name)
                 : strcmp(parameter->name, member.name) == 0)
            return member.name;
    }
    return NULL;
}

/* The operation lists resources itself: it may also take their ids. */
static void choose_filter(struct new_policy *policy)
{
    struct model_shape_info input = {0};
    char items[128];
    model_shape element;
    const struct model *model = policy->model;
    new_shapes_items(model, policy->read, &policy->read_info, items, &element);
    if (policy->read_info.input != MODEL_NO_SHAPE)
        model_shape_info(model, policy->read_info.input, &input);
    for (size_t i = 0; i < input.member_count && policy->parameter == NULL; i++) {
        struct model_member member;
        enum new_read how;
        model_member_at(model, policy->read_info.input, i, &member);
        if (strncasecmp(member.name, policy->noun, strlen(policy->noun)) != 0)
            continue;
        const char *id = id_of_parameter(model, element, &member, &how);
        if (id == NULL)
            continue;
        policy->how = how;
        policy->parameter = member.name;
        policy->item_id = id;
    }
}

/* A prefix of the id narrows the search to the resource and those whose names continue its own. */
static void choose_prefix(struct new_policy *policy)
{
    struct model_shape_info input = {0};
    size_t length = strlen(policy->item_id);
    if (policy->read_info.input != MODEL_NO_SHAPE)
        model_shape_info(policy->model, policy->read_info.input, &input);
    for (size_t i = 0; i < input.member_count && policy->prefix == NULL; i++) {
        struct model_member member;
        model_member_at(policy->model, policy->read_info.input, i, &member);
        if (strncasecmp(member.name, policy->item_id, length) == 0 &&
            strcasecmp(member.name + length, "Prefix") == 0 &&
            new_shapes_type(policy->model, member.shape) == MODEL_STRING)
            policy->prefix = member.name;
    }
}

static int read_by_id(struct new_policy *policy, const struct model_member *member,
                      const char *list, struct err *err)
{
    policy->how = NEW_BY_ID;
    policy->parameter = member->name;
    snprintf(policy->noun, sizeof policy->noun, "%s", new_shapes_noun(policy->read_info.name));
    if (new_shapes_type(policy->model, member->shape) != MODEL_STRING)
        return err_set(err, ERR_USAGE,
                       "%s takes %s, which is not an id: start with another operation",
                       policy->read_info.name, member->name);
    if (list == NULL && choose_list(policy, err) != 0)
        return -1;
    if (list != NULL && model_find_operation(policy->model, list, &policy->list, err) != 0)
        return -1;
    policy->body = new_member_body(policy->model, policy->read_info.output,
                                   new_shapes_noun(policy->read_info.name));
    return take_list(policy, err);
}

static int read_from_list(struct new_policy *policy, struct err *err)
{
    model_shape element;
    new_shapes_singular(new_shapes_noun(policy->read_info.name), policy->noun);
    policy->how = NEW_SEARCHED;
    policy->list = policy->read;
    if (!new_shapes_items(policy->model, policy->read, &policy->read_info, policy->items, &element))
        return err_set(err, ERR_USAGE, "%s takes no id and returns no list",
                       policy->read_info.name);
    /* Without its last letter: "Repositories". */
    if (strncasecmp(policy->items, policy->noun, strlen(policy->noun) - 1) != 0)
        return err_set(err, ERR_USAGE,
                       "the items of %s are %s: start with another operation, or write the policy "
                       "by hand (docs/policy-authors.md)",
                       policy->read_info.name, policy->items);
    if (take_list(policy, err) != 0)
        return -1;
    if (policy->item_id == NULL)
        return err_set(err, ERR_USAGE,
                       "%s returns only ids: start with the operation that describes one of them",
                       policy->read_info.name);
    choose_filter(policy);
    if (policy->how == NEW_SEARCHED)
        choose_prefix(policy);
    return 0;
}

/* The parameter that is the id, although the API has a default for it (iam:GetUser). */
static bool optional_id(const struct new_policy *policy, struct model_member *member)
{
    static const char *const endings[] = {"Name", "Id", "Arn", "ARN"};
    struct model_shape_info input = {0};
    if (policy->read_info.input != MODEL_NO_SHAPE)
        model_shape_info(policy->model, policy->read_info.input, &input);
    for (size_t i = 0; i < input.member_count; i++) {
        model_member_at(policy->model, policy->read_info.input, i, member);
        size_t length = strlen(member->name);
        for (size_t e = 0; e < sizeof endings / sizeof *endings; e++) {
            size_t end = strlen(endings[e]);
            if (length >= end && strcmp(member->name + length - end, endings[e]) == 0 &&
                new_shapes_type(policy->model, member->shape) == MODEL_STRING)
                return true;
        }
    }
    return false;
}

static const char *find_not_found(const struct new_policy *policy)
{
    static const char *const parts[] = {"NotFound", "DoesNotExist", "NoSuch", "NonExistent"};
    for (size_t i = 0; i < model_error_count(policy->model, policy->read); i++) {
        struct model_error error;
        model_error_at(policy->model, policy->read, i, &error);
        for (size_t j = 0; j < sizeof parts / sizeof *parts; j++) {
            if (strstr(error.code, parts[j]) != NULL)
                return error.code;
        }
    }
    return NULL;
}

static int check_class(const struct new_policy *policy, const char *operation, struct err *err)
{
    const char *service = model_info(policy->model)->name;
    if (opclass_of(service, operation) == OP_READ)
        return 0;
    return err_set(err, ERR_USAGE,
                   "%s:%s is not among the reviewed reads: engine models --show %s:%s says what a "
                   "policy may do with it",
                   service, operation, service, operation);
}

static int find_operation(struct new_policy *policy, struct model_set *models, const char *name,
                          struct err *err)
{
    const char *colon = strchr(name, ':');
    if (colon == NULL)
        return err_set(err, ERR_USAGE, "\"%s\" is not of the form service:Operation", name);
    char *service = mem_strndup(name, (size_t)(colon - name));
    policy->model = model_open(models, service, err);
    mem_free(service);
    if (policy->model == NULL ||
        model_find_operation(policy->model, colon + 1, &policy->read, err) != 0)
        return -1;
    model_operation_info(policy->model, policy->read, &policy->read_info);
    return check_class(policy, policy->read_info.name, err);
}

int new_policy_find(struct new_policy *policy, struct model_set *models, const char *read,
                    const char *list, struct err *err)
{
    struct model_member member;
    *policy = (struct new_policy){0};
    if (find_operation(policy, models, read, err) != 0)
        return -1;
    const char *colon = list != NULL ? strchr(list, ':') : NULL;
    size_t required = new_shapes_required(policy->model, policy->read_info.input, &member);
    if (required > 1)
        return err_set(err, ERR_USAGE,
                       "%s needs more than an id (%zu parameters): start with another operation, "
                       "or write the policy by hand (docs/policy-authors.md)",
                       policy->read_info.name, required);
    model_shape element;
    bool by_id = required == 1;
    if (!by_id &&
        !new_shapes_items(policy->model, policy->read, &policy->read_info, policy->items, &element))
        by_id = optional_id(policy, &member);
    int result = by_id ? read_by_id(policy, &member, colon != NULL ? colon + 1 : list, err)
                       : read_from_list(policy, err);
    if (result != 0 || check_class(policy, policy->list_info.name, err) != 0)
        return -1;
    policy->not_found = policy->how != NEW_SEARCHED ? find_not_found(policy) : NULL;
    return new_member_choose(policy, err);
}
