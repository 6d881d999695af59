#include "accounts/group_provider.h"

#include "accounts/read_groups.h"
#include "aws/creds/creds.h"
#include "aws/creds/creds_cache.h"
#include "aws/creds/creds_sts.h"
#include "base/log.h"
#include "base/mem.h"

struct group_provider {
    struct read_groups *groups;
    struct creds_cache *cache;
    char *name;
    char *role_arn;
    const char *external_id;
    char *asked;                     /* the session policy of the request in progress */
    struct creds_provider *session;  /* held; NULL: none was requested */
    struct creds_waiter *waiter;     /* for it */
    struct creds_provider *provider; /* to report to */
};

static void ask(struct group_provider *group);

/* May the request be made again, with a smaller session policy? */
static bool narrow(struct group_provider *group, const struct err *err)
{
    bool first = !read_groups_narrowed(group->groups);
    if (!creds_sts_policy_too_large(err) ||
        !read_groups_narrow(group->groups, group->name, group->asked))
        return false;
    if (first)
        log_warn("STS refused the session policy that several resource types share "
                 "(PackedPolicyTooLarge): they get more sessions, with smaller policies");
    return true;
}

static void on_creds(void *arg, struct creds *creds, const struct err *err)
{
    struct group_provider *group = arg;
    group->waiter = NULL;
    bool again = creds == NULL && narrow(group, err);
    mem_free(group->asked);
    group->asked = NULL;
    if (again)
        ask(group);
    else
        creds_callback(group->provider, creds != NULL ? creds_hold(creds) : NULL, err);
}

static void ask(struct group_provider *group)
{
    group->asked = mem_strdup(read_groups_policy(group->groups, group->name));
    const struct creds_assume assume = {.role_arn = group->role_arn,
                                        .external_id = group->external_id,
                                        .session_policy = group->asked};
    struct creds_provider *session = creds_cache_role(group->cache, &assume);
    creds_provider_hold(session);
    creds_provider_drop(group->session);
    group->session = session;
    struct creds_waiter *waiter = creds_get(session, on_creds, group);
    if (waiter != NULL)
        group->waiter = waiter;
}

static void fetch(void *self, struct creds_provider *provider)
{
    struct group_provider *group = self;
    group->provider = provider;
    ask(group);
}

static void cancel(void *self)
{
    struct group_provider *group = self;
    creds_cancel(group->waiter);
    group->waiter = NULL;
    mem_free(group->asked);
    group->asked = NULL;
}

static void expire(void *self, const struct creds *refused)
{
    const struct group_provider *group = self;
    if (group->session != NULL)
        creds_expire(group->session, refused);
}

static void release(void *self)
{
    struct group_provider *group = self;
    creds_provider_drop(group->session);
    mem_free(group->asked);
    mem_free(group->role_arn);
    mem_free(group->name);
    mem_free(group);
}

struct creds_provider *group_provider_new(struct read_groups *groups, struct creds_cache *cache,
                                          const char *name, const struct creds_assume *role)
{
    static const struct creds_source source = {
        .fetch = fetch, .cancel = cancel, .expire = expire, .free = release};
    struct group_provider *group = mem_alloc(sizeof *group);
    *group = (struct group_provider){.groups = groups,
                                     .cache = cache,
                                     .name = mem_strdup(name),
                                     .role_arn = mem_strdup(role->role_arn),
                                     .external_id = role->external_id};
    return creds_provider_new(&source, group);
}
