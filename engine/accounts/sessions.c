#include "accounts/sessions.h"

#include <stdio.h>
#include <string.h>

#include "accounts/own_changes.h"
#include "aws/creds/creds_cache.h"
#include "aws/creds/creds_sts.h"
#include "aws/endpoint/endpoint_partition.h"
#include "base/mem.h"
#include "policy/finding_entry.h"
#include "value/json.h"

/* IAM User Guide, "IAM and AWS STS quotas": maximum length of a session policy in characters. */
#define MAX_SESSION_POLICY 2048

struct reader {
    struct session session;
    char *account;
};

struct sessions {
    struct creds_cache *cache;
    struct creds_provider *own;
    const struct settings *settings;
    const struct endpoints *endpoints;
    char *caller;
    json_t *index; /* maps "account type partition" to the index in `readers` */
    struct reader **readers;
    size_t count;
};

struct sessions *sessions_new(const struct creds_env *env, struct creds_provider *own,
                              const struct settings *settings, const struct endpoints *endpoints)
{
    struct sessions *sessions = mem_alloc(sizeof *sessions);
    sessions->cache = creds_cache_new(env, own);
    sessions->own = own;
    sessions->settings = settings;
    sessions->endpoints = endpoints;
    sessions->index = json_object();
    return sessions;
}

void sessions_free(struct sessions *sessions)
{
    if (sessions == NULL)
        return;
    for (size_t i = 0; i < sessions->count; i++) {
        mem_free(sessions->readers[i]->account);
        mem_free(sessions->readers[i]);
    }
    mem_free(sessions->readers);
    json_decref(sessions->index);
    creds_cache_free(sessions->cache);
    mem_free(sessions->caller);
    mem_free(sessions);
}

size_t sessions_count(const struct sessions *sessions)
{
    return sessions->count;
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

static char *policy_of(json_t *actions)
{
    json_t *document = json_pack("{s:s, s:[{s:s, s:o, s:s}]}", "Version", "2012-10-17", "Statement",
                                 "Effect", "Allow", "Action", actions, "Resource", "*");
    char *text = json_text(document);
    json_decref(document);
    return text;
}

char *sessions_policy_text(const struct policy *policy, bool with_writes)
{
    json_t *actions = json_array();
    add_actions(actions, policy, "read");
    if (with_writes)
        add_actions(actions, policy, "write");
    return policy_of(actions);
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

static struct creds_provider *role_provider(struct sessions *sessions, const char *account,
                                            const char *region, const char *session_policy,
                                            const char *prefix, struct err *err)
{
    const struct settings *settings = sessions->settings;
    if (settings->no_assume_role)
        return own_provider(sessions, account, err);
    if (strlen(session_policy) > MAX_SESSION_POLICY) {
        err_set(err, ERR_POLICY,
                "the session policy of these permissions has %zu characters, more than the limit "
                "of %d: declare fewer actions",
                strlen(session_policy), MAX_SESSION_POLICY);
        return NULL;
    }
    char *arn =
        mem_printf("arn:%s:iam::%s:role/%s", endpoint_partition(sessions->endpoints, region),
                   account, settings->member_role);
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

struct creds_provider *sessions_for_actions(struct sessions *sessions, const char *account,
                                            const char *region, const char *const *actions,
                                            struct err *err)
{
    json_t *list = json_array();
    for (; *actions != NULL; actions++)
        json_array_append_new(list, json_string(*actions));
    char *text = policy_of(list);
    struct creds_provider *provider = role_provider(sessions, account, region, text, NULL, err);
    mem_free(text);
    return provider;
}

static struct reader *add_reader(struct sessions *sessions, const char *key,
                                 const struct policy *policy, const char *account,
                                 struct creds_provider *provider)
{
    struct reader *reader = mem_alloc(sizeof *reader);
    reader->account = mem_strdup(account);
    reader->session = (struct session){.account = reader->account,
                                       .provider = provider,
                                       .permit = PERMIT_READ,
                                       .allowed = policy->reads,
                                       .reviewed = policy->reviewed,
                                       .sensitive = policy->sensitive};
    size_t bytes = (sessions->count + 1) * sizeof(struct reader *);
    sessions->readers = mem_resize(sessions->readers, bytes);
    sessions->readers[sessions->count] = reader;
    json_object_set_new(sessions->index, key, json_integer((json_int_t)sessions->count));
    sessions->count++;
    return reader;
}

const struct session *sessions_reader(struct sessions *sessions, const struct policy *policy,
                                      const char *account, const char *region, struct err *err)
{
    char *key = mem_printf("%s %s %s", account, policy->type,
                           endpoint_partition(sessions->endpoints, region));
    struct reader *reader = NULL;
    const json_t *known = json_object_get(sessions->index, key);
    if (known != NULL) {
        reader = sessions->readers[json_integer_value(known)];
    } else {
        struct creds_provider *provider =
            policy_provider(sessions, policy, account, region, false, err);
        if (provider != NULL)
            reader = add_reader(sessions, key, policy, account, provider);
    }
    mem_free(key);
    return reader != NULL ? &reader->session : NULL;
}
