#include "aws/creds/creds_env.h"

#include "aws/creds/creds.h"
#include "aws/creds/creds_read.h"
#include "base/clock.h"

static const char *access_key_of(const struct creds_env *env)
{
    return creds_getenv(env, "AWS_ACCESS_KEY_ID");
}

bool creds_environment_has(const struct creds_env *env)
{
    return access_key_of(env) != NULL;
}

static struct creds *read_keys(const struct creds_env *env, struct err *err)
{
    const char *access_key = access_key_of(env);
    const char *secret_key = creds_getenv(env, "AWS_SECRET_ACCESS_KEY");
    const char *token = creds_getenv(env, "AWS_SESSION_TOKEN");
    const char *expiration = creds_getenv(env, "AWS_CREDENTIAL_EXPIRATION");
    int64_t expires_ms = 0;
    if (access_key == NULL || secret_key == NULL) {
        err_set(err, ERR_CREDS,
                "%s is not set: set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither",
                access_key == NULL ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY");
        return NULL;
    }
    if (token == NULL)
        token = creds_getenv(env, "AWS_SECURITY_TOKEN"); /* its older name */
    if (expiration != NULL && clock_parse_rfc3339(expiration, &expires_ms) != 0) {
        err_set(err, ERR_CREDS,
                "AWS_CREDENTIAL_EXPIRATION is not a time such as 2026-11-23T10:00:00Z");
        return NULL;
    }
    return creds_new(access_key, secret_key, token, expires_ms);
}

static void fetch(void *self, struct creds_provider *provider)
{
    struct err err = {0};
    struct creds *creds = read_keys(self, &err);
    creds_callback(provider, creds, &err);
}

static void nothing(void *self)
{
    (void)self;
}

struct creds_provider *creds_environment(const struct creds_env *env)
{
    static const struct creds_source source = {.fetch = fetch, .cancel = nothing, .free = nothing};
    return creds_provider_new(&source, (void *)env);
}
