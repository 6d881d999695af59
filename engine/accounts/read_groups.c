#include "accounts/read_groups.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "value/json.h"

struct member {
    char *name;
    size_t *actions; /* indexes in `actions` of the groups */
    size_t count;
    size_t length; /* characters of its actions, each with a comma */
    size_t group;
};

struct read_groups {
    json_t *actions; /* distinct */
    json_t *index;   /* action to its index */
    size_t *lengths; /* of the actions as JSON, each with a comma */
    struct member *members;
    size_t member_count;
    char **policies; /* of the groups */
    size_t count;
    size_t frame; /* characters of a session policy besides its actions */
    bool narrowed;
};

char *read_groups_text(const json_t *actions)
{
    json_t *document = json_pack("{s:s, s:[{s:s, s:O, s:s}]}", "Version", "2012-10-17", "Statement",
                                 "Effect", "Allow", "Action", actions, "Resource", "*");
    char *text = json_text(document);
    json_decref(document);
    return text;
}

struct read_groups *read_groups_new(void)
{
    struct read_groups *groups = mem_alloc(sizeof *groups);
    groups->actions = json_array();
    groups->index = json_object();
    char *empty = read_groups_text(groups->actions);
    groups->frame = strlen(empty) - 1; /* no comma follows the last action */
    mem_free(empty);
    return groups;
}

void read_groups_free(struct read_groups *groups)
{
    if (groups == NULL)
        return;
    for (size_t i = 0; i < groups->member_count; i++) {
        mem_free(groups->members[i].name);
        mem_free(groups->members[i].actions);
    }
    for (size_t i = 0; i < groups->count; i++)
        mem_free(groups->policies[i]);
    mem_free(groups->policies);
    mem_free(groups->members);
    mem_free(groups->lengths);
    json_decref(groups->index);
    json_decref(groups->actions);
    mem_free(groups);
}

static struct member *find(const struct read_groups *groups, const char *name)
{
    for (size_t i = 0; i < groups->member_count; i++) {
        if (strcmp(groups->members[i].name, name) == 0)
            return &groups->members[i];
    }
    return NULL;
}

/* ---- members ---- */

static size_t index_of(struct read_groups *groups, json_t *action)
{
    const char *name = json_string_value(action);
    const json_t *known = json_object_get(groups->index, name);
    if (known != NULL)
        return (size_t)json_integer_value(known);
    size_t count = json_array_size(groups->actions);
    char *text = json_text(action);
    groups->lengths = mem_resize(groups->lengths, (count + 1) * sizeof *groups->lengths);
    groups->lengths[count] = strlen(text) + 1;
    json_array_append(groups->actions, action);
    json_object_set_new(groups->index, name, json_integer((json_int_t)count));
    mem_free(text);
    return count;
}

static bool uses(const struct member *member, size_t action)
{
    for (size_t i = 0; i < member->count; i++) {
        if (member->actions[i] == action)
            return true;
    }
    return false;
}

void read_groups_add(struct read_groups *groups, const char *name, const json_t *actions)
{
    size_t i;
    json_t *action;
    if (find(groups, name) != NULL)
        return;
    size_t bytes = (groups->member_count + 1) * sizeof *groups->members;
    groups->members = mem_resize(groups->members, bytes);
    struct member *member = &groups->members[groups->member_count++];
    *member = (struct member){.name = mem_strdup(name)};
    member->actions = mem_alloc((json_array_size(actions) + 1) * sizeof *member->actions);
    json_array_foreach (actions, i, action) {
        size_t index = index_of(groups, action);
        if (uses(member, index))
            continue;
        member->actions[member->count++] = index;
        member->length += groups->lengths[index];
    }
}

/* ---- packing ---- */

/* Groups while they are filled. */
struct filling {
    const struct read_groups *groups;
    bool *held; /* whether a group has an action: a row for each group */
    size_t *lengths;
    size_t count;
};

static bool *row_of(const struct filling *filling, size_t group)
{
    return filling->held + group * json_array_size(filling->groups->actions);
}

static size_t growth(const struct filling *filling, size_t group, const struct member *member)
{
    size_t length = 0;
    const bool *held = row_of(filling, group);
    for (size_t i = 0; i < member->count; i++) {
        if (!held[member->actions[i]])
            length += filling->groups->lengths[member->actions[i]];
    }
    return length;
}

/* The group that the member lengthens least, of those that have room for it; else a new one. */
static size_t choose(const struct filling *filling, const struct member *member, size_t most)
{
    size_t best = filling->count, least = 0;
    for (size_t i = 0; i < filling->count; i++) {
        size_t more = growth(filling, i, member);
        if (filling->lengths[i] + more <= most && (best == filling->count || more < least)) {
            best = i;
            least = more;
        }
    }
    return best;
}

static void put(struct filling *filling, size_t group, const struct member *member)
{
    if (group == filling->count)
        filling->lengths[filling->count++] = filling->groups->frame;
    filling->lengths[group] += growth(filling, group, member);
    for (size_t i = 0; i < member->count; i++)
        row_of(filling, group)[member->actions[i]] = true;
}

/* Writes to `chosen` in which group each of the members is. Returns how many groups there are. */
static size_t fill(const struct read_groups *groups, struct member *const *members, size_t count,
                   size_t most, size_t *chosen)
{
    struct filling filling = {
        .groups = groups,
        .held = mem_alloc(count * json_array_size(groups->actions) * sizeof(bool) + 1),
        .lengths = mem_alloc((count + 1) * sizeof(size_t))};
    for (size_t i = 0; i < count; i++) {
        chosen[i] = choose(&filling, members[i], most);
        put(&filling, chosen[i], members[i]);
    }
    mem_free(filling.held);
    mem_free(filling.lengths);
    return filling.count;
}

/* Finds the shortest length with which there are at most that many groups. With `most` there are.
 */
static size_t balance(const struct read_groups *groups, struct member *const *members, size_t count,
                      size_t most, size_t wanted, size_t *chosen)
{
    size_t too_short = 0;
    while (too_short + 1 < most) {
        size_t middle = too_short + (most - too_short) / 2;
        if (fill(groups, members, count, middle, chosen) <= wanted)
            most = middle;
        else
            too_short = middle;
    }
    return fill(groups, members, count, most, chosen);
}

/* ---- groups ---- */

static char *policy_of(const struct read_groups *groups, size_t group)
{
    json_t *actions = json_array();
    for (size_t i = 0; i < json_array_size(groups->actions); i++) {
        bool used = false;
        for (size_t j = 0; j < groups->member_count; j++)
            used |= groups->members[j].group == group && uses(&groups->members[j], i);
        if (used)
            json_array_append(actions, json_array_get(groups->actions, i));
    }
    char *text = read_groups_text(actions);
    json_decref(actions);
    return text;
}

static void write_policies(struct read_groups *groups, size_t count)
{
    groups->policies = mem_resize(groups->policies, (count + 1) * sizeof *groups->policies);
    for (; groups->count < count; groups->count++)
        groups->policies[groups->count] = policy_of(groups, groups->count);
}

/* Longest first: what is left then fits in between. */
static int in_order(const void *left, const void *right)
{
    const struct member *a = left, *b = right;
    if (a->length != b->length)
        return a->length > b->length ? -1 : 1;
    return strcmp(a->name, b->name);
}

void read_groups_pack(struct read_groups *groups)
{
    size_t count = groups->member_count;
    if (count == 0)
        return;
    qsort(groups->members, count, sizeof *groups->members, in_order);
    struct member **members = mem_alloc(count * sizeof(struct member *));
    size_t *chosen = mem_alloc(count * sizeof *chosen);
    for (size_t i = 0; i < count; i++)
        members[i] = &groups->members[i];
    size_t fewest = fill(groups, members, count, SESSION_POLICY_MOST, chosen);
    balance(groups, members, count, SESSION_POLICY_MOST, fewest, chosen);
    for (size_t i = 0; i < count; i++)
        members[i]->group = chosen[i];
    write_policies(groups, fewest);
    mem_free(chosen);
    mem_free(members);
}

const char *read_groups_policy(const struct read_groups *groups, const char *name)
{
    const struct member *member = find(groups, name);
    return member != NULL && member->group < groups->count ? groups->policies[member->group] : NULL;
}

/* Divides the members in two, or one by one if they all use the same actions. */
static void divide(struct read_groups *groups, struct member *const *members, size_t count)
{
    size_t *chosen = mem_alloc(count * sizeof *chosen);
    size_t group = members[0]->group;
    size_t parts = balance(groups, members, count, strlen(groups->policies[group]), 2, chosen);
    for (size_t i = 0; i < count; i++) {
        size_t part = parts > 1 ? chosen[i] : i;
        members[i]->group = part == 0 ? group : groups->count + part - 1;
    }
    mem_free(groups->policies[group]);
    groups->policies[group] = policy_of(groups, group);
    write_policies(groups, groups->count + (parts > 1 ? parts : count) - 1);
    mem_free(chosen);
}

bool read_groups_narrow(struct read_groups *groups, const char *name, const char *refused)
{
    size_t count = 0;
    const struct member *member = find(groups, name);
    if (strcmp(groups->policies[member->group], refused) != 0)
        return true;
    struct member **members = mem_alloc(groups->member_count * sizeof(struct member *));
    for (size_t i = 0; i < groups->member_count; i++) {
        if (groups->members[i].group == member->group)
            members[count++] = &groups->members[i];
    }
    if (count > 1)
        divide(groups, members, count);
    mem_free(members);
    groups->narrowed |= count > 1;
    return count > 1;
}

bool read_groups_narrowed(const struct read_groups *groups)
{
    return groups->narrowed;
}

size_t read_groups_count(const struct read_groups *groups)
{
    return groups->count;
}
