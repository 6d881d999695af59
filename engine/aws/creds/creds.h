/* Credentials: who signs. A provider gives credentials, at once or after a fetch; many waiters
 * share one fetch, and a failure is told to each. Serves client; calls http, sigv4, xml, json.
 * Source of the chain's order: AWS SDKs and Tools Reference Guide, "Standardized credential
 * providers". Secrets are wiped when freed and never logged. */
#ifndef AWS_CREDS_CREDS_H
#define AWS_CREDS_CREDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "aws/sigv4/sigv4.h"
#include "base/err.h"
#include "net/http/http.h"
#include "net/loop/loop.h"

/* Shared and immutable; hold one while a request is signed with it. */
struct creds {
    struct sigv4_key key;
    int64_t expires_ms; /* wall clock; 0: never */
    int refs;
};

struct creds *creds_new(const char *access_key, const char *secret_key, const char *session_token,
                        int64_t expires_ms);
struct creds *creds_hold(struct creds *creds);
void creds_drop(struct creds *creds); /* NULL is allowed */

/* Exactly one of creds (borrowed: hold to keep) and err is set. May be called before creds_get
 * returns when the credentials are at hand. */
typedef void (*creds_done)(void *arg, struct creds *creds, const struct err *err);

struct creds_provider;
struct creds_waiter;

/* Cached until five minutes before expiry (or at a failed refresh, until expiry). Returns a handle
 * to cancel with while the answer is outstanding, NULL when done was called already. */
struct creds_waiter *creds_get(struct creds_provider *provider, creds_done done, void *arg);
void creds_cancel(struct creds_waiter *waiter);
/* The credentials were refused as expired: fetch anew at the next get. */
void creds_expire(struct creds_provider *provider, const struct creds *refused);
struct creds_provider *creds_provider_hold(struct creds_provider *provider);
void creds_provider_drop(struct creds_provider *provider);

/* What the chain works with; borrowed for the providers' lifetime. */
struct creds_env {
    struct loop *loop;
    struct http_transport transport;
    const char *(*getenv)(const char *name); /* tests replace it */
    const char *region;                      /* of the STS endpoint; NULL: AWS_REGION, us-east-1 */
    const json_t *profile; /* creds_profile_settings, for the endpoint of STS; NULL: none */
    int64_t patience_ms;   /* how long a throttled request is repeated; 0: 900 s */
    int64_t stop_ms;       /* monotonic: none is repeated after that; 0: no such time */
};

struct creds_provider *creds_static(struct creds *creds);
/* Environment, web identity, shared config and credentials files (profiles, role_arn with
 * source_profile or credential_source, credential_process), container, instance (IMDSv2). SSO and
 * MFA profiles are refused with a word on what to do instead. */
struct creds_provider *creds_chain(const struct creds_env *env);

/* The region of the chosen profile (AWS_PROFILE, "default"), NULL when it names none or the files
 * cannot be read (the chain then says why). mem_free. */
char *creds_profile_region(const struct creds_env *env);

/* All settings of the chosen profile; "services" holds what the section that it names says of each
 * service. NULL without an error when there is no such profile; ERR_CREDS or ERR_USAGE when a file
 * cannot be understood, or lacks that section. New reference. */
json_t *creds_profile_settings(const struct creds_env *env, struct err *err);

struct creds_assume {
    const char *role_arn;
    const char *session_name;   /* NULL: unpredictable, a prefix and 128 random bits in hex */
    const char *session_prefix; /* of an unpredictable name; NULL: "engine-" */
    const char *external_id;    /* NULL: none */
    const char *session_policy; /* JSON text, at most 2,048 characters; NULL: none */
    int duration_s;             /* 0: 3600, the most that a role assumed from a role may ask */
};

/* AssumeRole with the source's credentials, on the regional STS endpoint (AWS_ENDPOINT_URL_STS,
 * AWS_ENDPOINT_URL override it). Errors name the role and say what to check. */
struct creds_provider *creds_assume_role(const struct creds_env *env, struct creds_provider *source,
                                         const struct creds_assume *options);

/* One provider per (account, role, session policy), made on first use and shared. */
struct creds_cache;
struct creds_cache *creds_cache_new(const struct creds_env *env, struct creds_provider *source);
void creds_cache_free(struct creds_cache *cache);
struct creds_provider *creds_cache_role(struct creds_cache *cache,
                                        const struct creds_assume *options);

#endif
