#include "aws/creds/creds_chain.h"

#include <strings.h>

#include "aws/creds/creds.h"
#include "aws/creds/creds_container.h"
#include "aws/creds/creds_env.h"
#include "aws/creds/creds_imds.h"
#include "aws/creds/creds_ini.h"
#include "aws/creds/creds_profile.h"
#include "aws/creds/creds_read.h"
#include "aws/creds/creds_sts.h"
#include "base/mem.h"

struct chain {
    const struct creds_env *env;
    struct creds_provider *provider; /* the provider to report to */
    struct creds_provider *found;    /* the source that was found, or NULL */
    struct creds_waiter *waiter;
    char *origin;     /* where the last look ended, in words */
    bool last_resort; /* `found` is the instance's provider, because nothing else was configured */
};

static void set_origin(struct chain *chain, char *origin)
{
    mem_free(chain->origin);
    chain->origin = origin;
}

static struct creds_provider *web_identity(const struct creds_env *env, struct err *err)
{
    const struct creds_sts_options options = {
        .assume = {.role_arn = creds_getenv(env, "AWS_ROLE_ARN"),
                   .session_name = creds_getenv(env, "AWS_ROLE_SESSION_NAME")},
        .token_file = creds_getenv(env, "AWS_WEB_IDENTITY_TOKEN_FILE"),
    };
    if (options.token_file == NULL)
        return NULL;
    if (options.assume.role_arn == NULL) {
        err_set(err, ERR_CREDS, "AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not");
        return NULL;
    }
    return creds_sts(env, NULL, &options);
}

static struct creds_provider *shared_files(struct chain *chain, struct err *err)
{
    const struct creds_env *env = chain->env;
    const char *chosen = creds_profile_chosen(env);
    const char *name = chosen != NULL ? chosen : "default";
    struct creds_provider *provider = NULL;
    json_t *profiles = creds_profiles(env, err);
    if (profiles == NULL)
        return NULL;
    if (json_object_get(profiles, name) != NULL)
        provider = creds_profile(env, profiles, name, err);
    else if (chosen != NULL)
        creds_refuse_profile(env, profiles, name, ERR_CREDS, err);
    creds_json_free(profiles);
    if (provider != NULL)
        set_origin(chain, mem_printf("the profile \"%s\"", name));
    return provider;
}

/* Returns NULL and sets err if a source is configured wrongly. A profile named by an option comes
 * before the variables (AWS CLI User Guide, "Configuring settings for the AWS CLI", precedence). */
static struct creds_provider *look(struct chain *chain, struct err *err)
{
    const struct creds_env *env = chain->env;
    struct creds_provider *found = NULL;
    bool named = env->profile_name != NULL;
    chain->last_resort = false;
    set_origin(chain, mem_strdup("the environment (AWS_ACCESS_KEY_ID)"));
    if (!named && creds_environment_has(env))
        return creds_environment(env);
    set_origin(chain, mem_strdup("the token of AWS_WEB_IDENTITY_TOKEN_FILE"));
    if (!named)
        found = web_identity(env, err);
    if (found == NULL && err->kind == ERR_NONE)
        found = shared_files(chain, err);
    if (found != NULL || err->kind != ERR_NONE)
        return found;
    chain->last_resort = !creds_container_has(env);
    set_origin(chain,
               mem_strdup(chain->last_resort ? "the instance's role" : "the container's role"));
    return chain->last_resort ? creds_imds(env) : creds_container(env);
}

/* The next get searches again: a missing source may exist by then. */
static void forget(struct chain *chain)
{
    creds_provider_drop(chain->found);
    chain->found = NULL;
}

static void report_none(struct chain *chain, const struct err *cause)
{
    struct err err = {0};
    err_set(&err, ERR_CREDS,
            "no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE "
            "to a profile of ~/.aws/config, or run where a role is attached (%s)",
            cause->message);
    forget(chain);
    creds_callback(chain->provider, NULL, &err);
}

static void on_found(void *arg, struct creds *creds, const struct err *error)
{
    struct chain *chain = arg;
    chain->waiter = NULL;
    if (creds != NULL) {
        creds_callback(chain->provider, creds_hold(creds), NULL);
        return;
    }
    struct err err = *error; /* copied: the provider that holds it may be freed below */
    if (chain->last_resort) {
        report_none(chain, &err);
        return;
    }
    forget(chain);
    creds_callback(chain->provider, NULL, &err);
}

static void fetch(void *self, struct creds_provider *provider)
{
    struct chain *chain = self;
    struct err err = {0};
    chain->provider = provider;
    if (chain->found == NULL)
        chain->found = look(chain, &err);
    if (chain->found == NULL) {
        creds_callback(provider, NULL, &err);
        return;
    }
    struct creds_waiter *waiter = creds_get(chain->found, on_found, chain);
    if (waiter != NULL)
        chain->waiter = waiter;
}

static void cancel(void *self)
{
    struct chain *chain = self;
    if (chain->waiter != NULL)
        creds_cancel(chain->waiter);
    chain->waiter = NULL;
}

/* Files and variables may have changed. */
static void expire(void *self, const struct creds *refused)
{
    struct chain *chain = self;
    (void)refused;
    if (chain->waiter == NULL)
        forget(chain);
}

static const char *origin(const void *self)
{
    const struct chain *chain = self;
    return chain->origin;
}

static void release(void *self)
{
    struct chain *chain = self;
    forget(chain);
    mem_free(chain->origin);
    mem_free(chain);
}

struct creds_provider *creds_chain(const struct creds_env *env)
{
    static const struct creds_source source = {
        .fetch = fetch, .cancel = cancel, .expire = expire, .origin = origin, .free = release};
    struct chain *chain = mem_alloc(sizeof *chain);
    chain->env = env;
    return creds_provider_new(&source, chain);
}
