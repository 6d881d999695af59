#include "accounts/sessions.h"

#include <stdio.h>
#include <string.h>

#include "accounts/group_provider.h"
#include "accounts/own_changes.h"
#include "accounts/read_groups.h"
#include "aws/creds/creds_cache.h"
#include "aws/creds/creds_sts.h"
#include "aws/endpoint/endpoint_partition.h"
#include "base/mem.h"
#include "policy/finding_entry.h"
#include "policy/selection.h"
#include "value/json.h"

/* Shares a session like a type, if --regions all needs it in each account (own_reads.h). */
#define LIST_REGIONS "ec2:DescribeRegions"

struct reader {
    struct session session;
    char *account;
};

struct sessions {
    const struct creds_env *env;
    struct creds_cache *cache;
    struct creds_provider *own;
    const struct settings *settings;
    const struct endpoints *endpoints;
    char *caller;
    struct evaluator *evaluator; /* has the types that share sessions; NULL: none do */
    const json_t *selected;
    struct read_groups *groups; /* NULL: not made yet, or none */
    json_t *index;              /* maps "account type partition" to the index in `readers` */
    struct reader **readers;
    size_t count;
};

struct sessions *sessions_new(const struct creds_env *env, struct creds_provider *own,
                              const struct settings *settings, const struct endpoints *endpoints)
{
    struct sessions *sessions = mem_alloc(sizeof *sessions);
    sessions->env = env;
    sessions->cache = creds_cache_new(env, own);
    sessions->own = own;
    sessions->settings = settings;
    sessions->endpoints = endpoints;
    sessions->index = json_object();
    return sessions;
}

static void free_readers(struct sessions *sessions)
{
    for (size_t i = 0; i < sessions->count; i++) {
        creds_provider_drop(sessions->readers[i]->session.provider);
        mem_free(sessions->readers[i]->account);
        mem_free(sessions->readers[i]);
    }
    mem_free(sessions->readers);
    json_decref(sessions->index);
    creds_cache_free(sessions->cache);
}

void sessions_free(struct sessions *sessions)
{
    if (sessions == NULL)
        return;
    free_readers(sessions);
    read_groups_free(sessions->groups);
    mem_free(sessions->caller);
    mem_free(sessions);
}

size_t sessions_count(const struct sessions *sessions)
{
    return creds_cache_count(sessions->cache);
}

void sessions_forget(struct sessions *sessions)
{
    free_readers(sessions);
    sessions->cache = creds_cache_new(sessions->env, sessions->own);
    sessions->index = json_object();
    sessions->readers = NULL;
    sessions->count = 0;
}

void sessions_set_caller(struct sessions *sessions, const char *account)
{
    mem_free(sessions->caller);
    sessions->caller = mem_strdup(account);
}

static void add_actions(json_t *actions, const struct policy *policy, const char *kind)
{
    size_t i;
    json_t *permission;
    const json_t *permissions = json_object_get(policy->meta, "permissions");
    json_array_foreach (json_object_get(permissions, kind), i, permission)
        json_array_append(actions, json_object_get(permission, "action"));
}

char *sessions_policy_text(const struct policy *policy, bool with_writes)
{
    json_t *actions = json_array();
    add_actions(actions, policy, "read");
    if (with_writes)
        add_actions(actions, policy, "write");
    char *text = read_groups_text(actions);
    json_decref(actions);
    return text;
}

/* ---- shared sessions ---- */

void sessions_share(struct sessions *sessions, struct evaluator *evaluator, const json_t *selected)
{
    sessions->evaluator = evaluator;
    sessions->selected = selected;
}

static void add_member(struct sessions *sessions, const struct policy *policy)
{
    if (policy == NULL || !selection_has_any(sessions->selected, policy))
        return;
    json_t *actions = json_array();
    add_actions(actions, policy, "read");
    read_groups_add(sessions->groups, policy->type, actions);
    json_decref(actions);
}

static void add_members(struct sessions *sessions)
{
    struct evaluator *evaluator = sessions->evaluator;
    const struct text_list *types = &sessions->settings->types;
    size_t count;
    const struct policy *const *all = evaluator->all(evaluator->self, &count);
    for (size_t i = 0; i < types->count; i++)
        add_member(sessions, evaluator->find(evaluator->self, types->items[i]));
    for (size_t i = 0; types->count == 0 && i < count; i++)
        add_member(sessions, all[i]);
}

/* --policy audits one type, which has a session of its own. */
static void make_groups(struct sessions *sessions)
{
    if (sessions->groups != NULL || sessions->evaluator == NULL)
        return;
    sessions->groups = read_groups_new();
    if (sessions->settings->policy != NULL)
        return;
    add_members(sessions);
    if (sessions->settings->all_regions) {
        json_t *actions = json_pack("[s]", LIST_REGIONS);
        read_groups_add(sessions->groups, LIST_REGIONS, actions);
        json_decref(actions);
    }
    read_groups_pack(sessions->groups);
}

/* Without roles the caller's own credentials are used, only in the caller's own account. */
static struct creds_provider *own_provider(struct sessions *sessions, const char *account,
                                           struct err *err)
{
    if (sessions->caller == NULL || strcmp(sessions->caller, account) == 0)
        return sessions->own;
    err_set(err, ERR_CREDS,
            "account %s is not the caller's own (%s), and no role is assumed: omit "
            "--no-assume-role and MEMBER_ROLE=none, or use credentials of that account",
            account, sessions->caller);
    snprintf(err->code, sizeof err->code, "%s", FINDING_NO_ROLE);
    return NULL;
}

static char *role_arn(const struct sessions *sessions, const char *account, const char *region)
{
    return mem_printf("arn:%s:iam::%s:role/%s", endpoint_partition(sessions->endpoints, region),
                      account, sessions->settings->member_role);
}

static struct creds_provider *role_provider(struct sessions *sessions, const char *account,
                                            const char *region, const char *session_policy,
                                            const char *prefix, struct err *err)
{
    const struct settings *settings = sessions->settings;
    if (settings->no_assume_role)
        return own_provider(sessions, account, err);
    if (strlen(session_policy) > SESSION_POLICY_MOST) {
        err_set(err, ERR_POLICY,
                "the session policy of these permissions has %zu characters, more than the limit "
                "of %d: declare fewer actions",
                strlen(session_policy), SESSION_POLICY_MOST);
        return NULL;
    }
    char *arn = role_arn(sessions, account, region);
    struct creds_assume assume = {.role_arn = arn,
                                  .external_id = settings->external_id,
                                  .session_policy = session_policy,
                                  .session_prefix = prefix};
    struct creds_provider *provider = creds_cache_role(sessions->cache, &assume);
    mem_free(arn);
    return provider;
}

static struct creds_provider *policy_provider(struct sessions *sessions,
                                              const struct policy *policy, const char *account,
                                              const char *region, bool with_writes, struct err *err)
{
    char *text = sessions_policy_text(policy, with_writes);
    const char *prefix = with_writes ? OWN_CHANGES_PREFIX : NULL;
    struct creds_provider *provider = role_provider(sessions, account, region, text, prefix, err);
    mem_free(text);
    return provider;
}

struct creds_provider *sessions_writer(struct sessions *sessions, const struct policy *policy,
                                       const char *account, const char *region, struct err *err)
{
    return policy_provider(sessions, policy, account, region, true, err);
}

/* ---- readers ---- */

/* A group is never too long, except that of a single type. */
static bool is_shared(const struct sessions *sessions, const char *name)
{
    if (sessions->groups == NULL || sessions->settings->no_assume_role)
        return false;
    const char *policy = read_groups_policy(sessions->groups, name);
    return policy != NULL && strlen(policy) <= SESSION_POLICY_MOST;
}

static struct creds_provider *shared_provider(struct sessions *sessions, const char *name,
                                              const char *account, const char *region)
{
    char *arn = role_arn(sessions, account, region);
    const struct creds_assume role = {.role_arn = arn,
                                      .external_id = sessions->settings->external_id};
    struct creds_provider *provider =
        group_provider_new(sessions->groups, sessions->cache, name, &role);
    mem_free(arn);
    return provider;
}

/* New reference. policy: NULL for LIST_REGIONS, which is shared. */
static struct creds_provider *reading_provider(struct sessions *sessions, const char *name,
                                               const struct policy *policy, const char *account,
                                               const char *region, struct err *err)
{
    if (is_shared(sessions, name))
        return shared_provider(sessions, name, account, region);
    struct creds_provider *provider =
        policy_provider(sessions, policy, account, region, false, err);
    return provider != NULL ? creds_provider_hold(provider) : NULL;
}

/* `provider`: takes the reference. */
static struct reader *add_reader(struct sessions *sessions, const char *key, const char *account,
                                 struct creds_provider *provider)
{
    struct reader *reader = mem_alloc(sizeof *reader);
    reader->account = mem_strdup(account);
    reader->session =
        (struct session){.account = reader->account, .provider = provider, .permit = PERMIT_READ};
    size_t bytes = (sessions->count + 1) * sizeof(struct reader *);
    sessions->readers = mem_resize(sessions->readers, bytes);
    sessions->readers[sessions->count] = reader;
    json_object_set_new(sessions->index, key, json_integer((json_int_t)sessions->count));
    sessions->count++;
    return reader;
}

static struct reader *reader_of(struct sessions *sessions, const char *name,
                                const struct policy *policy, const char *account,
                                const char *region, struct err *err)
{
    struct creds_provider *provider = NULL;
    char *key =
        mem_printf("%s %s %s", account, name, endpoint_partition(sessions->endpoints, region));
    const json_t *known = json_object_get(sessions->index, key);
    struct reader *reader = known != NULL ? sessions->readers[json_integer_value(known)] : NULL;
    if (reader == NULL)
        provider = reading_provider(sessions, name, policy, account, region, err);
    if (provider != NULL)
        reader = add_reader(sessions, key, account, provider);
    mem_free(key);
    return reader;
}

const struct session *sessions_reader(struct sessions *sessions, const struct policy *policy,
                                      const char *account, const char *region, struct err *err)
{
    make_groups(sessions);
    struct reader *reader = reader_of(sessions, policy->type, policy, account, region, err);
    if (reader == NULL)
        return NULL;
    reader->session.allowed = policy->reads;
    reader->session.reviewed = policy->reviewed;
    reader->session.sensitive = policy->sensitive;
    return &reader->session;
}

static bool is_list_regions(const char *const *actions)
{
    return strcmp(actions[0], LIST_REGIONS) == 0 && actions[1] == NULL;
}

struct creds_provider *sessions_for_actions(struct sessions *sessions, const char *account,
                                            const char *region, const char *const *actions,
                                            struct err *err)
{
    if (is_list_regions(actions)) {
        make_groups(sessions);
        if (is_shared(sessions, LIST_REGIONS))
            return reader_of(sessions, LIST_REGIONS, NULL, account, region, err)->session.provider;
    }
    json_t *list = json_array();
    for (; *actions != NULL; actions++)
        json_array_append_new(list, json_string(*actions));
    char *text = read_groups_text(list);
    struct creds_provider *provider = role_provider(sessions, account, region, text, NULL, err);
    mem_free(text);
    json_decref(list);
    return provider;
}
