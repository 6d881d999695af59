/* AssumeRole and AssumeRoleWithWebIdentity. Source: AWS STS API Reference. Serves creds_cache,
 * creds_chain and creds_profile; calls creds_exchange and creds_sts_reply. */
#ifndef AWS_CREDS_CREDS_STS_H
#define AWS_CREDS_CREDS_STS_H

#include <stdbool.h>

#include "base/err.h"

struct creds_env;
struct creds_provider;

struct creds_assume {
    const char *role_arn;
    const char *session_name;   /* NULL: unpredictable, the prefix and 128 random bits in hex */
    const char *session_prefix; /* of an unpredictable name; NULL: "engine-" */
    const char *external_id;    /* NULL: none */
    const char *session_policy; /* JSON text, at most 2,048 characters; NULL: none */
    int duration_s;             /* 0: 3600, the maximum when a role assumes another role */
    int refusal_s; /* for this long STS is not called again after it denied access; 0: no pause */
};

/* AssumeRole with the source's credentials, on the regional STS endpoint (AWS_ENDPOINT_URL_STS and
 * AWS_ENDPOINT_URL override it). Errors name the role and say what to check. */
struct creds_provider *creds_assume_role(const struct creds_env *env, struct creds_provider *source,
                                         const struct creds_assume *options);

/* Did STS refuse the session policy because it is too large when packed? Only STS can compute that
 * size. */
bool creds_sts_policy_too_large(const struct err *err);

/* Options of AssumeRole and AssumeRoleWithWebIdentity. The texts are copied. */
struct creds_sts_options {
    struct creds_assume assume;
    const char *region;     /* NULL: from the environment */
    const char *token_file; /* for AssumeRoleWithWebIdentity: use this token, and no keys */
};
struct creds_provider *creds_sts(const struct creds_env *env, struct creds_provider *source,
                                 const struct creds_sts_options *options);

#endif
