#include "generate/new_member.h"

#include <string.h>
#include <strings.h>

#include "aws/model/model_shape.h"
#include "generate/new_policy.h"

const char *new_member_body(const struct model *model, model_shape output, const char *noun)
{
    struct model_shape_info info = {0};
    const char *only = NULL;
    if (output != MODEL_NO_SHAPE)
        model_shape_info(model, output, &info);
    for (size_t i = 0; i < info.member_count; i++) {
        struct model_member member;
        struct model_shape_info shape;
        model_member_at(model, output, i, &member);
        model_shape_info(model, member.shape, &shape);
        if (shape.type != MODEL_STRUCTURE)
            continue;
        if (strncasecmp(member.name, noun, strlen(noun)) == 0)
            return member.name;
        only = info.member_count == 1 ? member.name : NULL;
    }
    return only;
}

bool new_member_is_text(const struct model *model, model_shape structure, const char *name)
{
    struct model_member member;
    struct model_shape_info info;
    if (!model_member_find(model, structure, name, &member))
        return false;
    model_shape_info(model, member.shape, &info);
    return info.type == MODEL_STRING;
}

/* The structure that describes one resource. */
static model_shape described(const struct new_policy *policy)
{
    struct model_member member;
    struct model_shape_info info;
    if (policy->how == NEW_BY_ID && policy->body == NULL)
        return policy->read_info.output;
    const char *name = policy->how == NEW_BY_ID ? policy->body : policy->items;
    model_member_find(policy->model, policy->read_info.output, name, &member);
    if (policy->how == NEW_BY_ID)
        return member.shape;
    model_shape_info(policy->model, member.shape, &info);
    return info.element;
}

static bool has_part(const char *name, const char *const *parts)
{
    for (; *parts != NULL; parts++) {
        if (strstr(name, *parts) != NULL)
            return true;
    }
    return false;
}

/* How interesting a member is for a check; 0: not at all. */
static int rank(const struct new_policy *policy, const struct model_member *member)
{
    static const char *const security[] = {"Encrypt", "Protection", "Public",
                                           "Logging", "Rotation",   NULL};
    static const char *const plain[] = {"Token", "Marker", "Truncated", NULL};
    static const char *const names[] = {"Arn", "ARN", "Id", "Name", "Date", "Time", NULL};
    struct model_shape_info info;
    model_shape_info(policy->model, member->shape, &info);
    bool secret = member->sensitive || info.guarded || info.sensitive;
    bool id = policy->item_id != NULL && strcmp(member->name, policy->item_id) == 0;
    bool asked = policy->parameter != NULL && strcmp(member->name, policy->parameter) == 0;
    if (secret || id || asked || has_part(member->name, plain))
        return 0;
    if (info.type == MODEL_BOOLEAN)
        return has_part(member->name, security) ? 5 : 4;
    if (info.type == MODEL_DOCUMENT || info.is_union)
        return 0;
    if (info.type == MODEL_STRUCTURE || info.type == MODEL_MAP || info.type == MODEL_LIST)
        return has_part(member->name, security) ? 3 : 1;
    return has_part(member->name, names) ? 1 : 2;
}

int new_member_choose(struct new_policy *policy, struct err *err)
{
    int best = 0;
    struct model_shape_info info;
    model_shape shape = described(policy);
    model_shape_info(policy->model, shape, &info);
    for (size_t i = 0; i < info.member_count; i++) {
        struct model_member member;
        model_member_at(policy->model, shape, i, &member);
        int found = rank(policy, &member);
        if (found > best) {
            best = found;
            policy->member = member;
        }
    }
    if (best == 0)
        return err_set(err, ERR_USAGE,
                       "the response of %s has no member that a check could look at",
                       policy->read_info.name);
    model_shape_info(policy->model, policy->member.shape, &info);
    policy->check = NEW_MUST_BE_SET;
    if (info.type == MODEL_BOOLEAN)
        policy->check =
            strstr(policy->member.name, "Public") != NULL ? NEW_MUST_BE_FALSE : NEW_MUST_BE_TRUE;
    return 0;
}
