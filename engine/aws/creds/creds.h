/* Credentials for signing. A provider returns credentials, at once or after a fetch; many waiters
 * share one fetch, and a failure is reported to each of them. Serves client; calls http, sigv4,
 * xml, json. Source of the chain's order: AWS SDKs and Tools Reference Guide, "Standardized
 * credential providers". Secrets are wiped when freed and never logged. */
#ifndef AWS_CREDS_CREDS_H
#define AWS_CREDS_CREDS_H

#include <jansson.h>
#include <stdint.h>

#include "aws/sigv4/sigv4.h"
#include "base/err.h"
#include "net/http/http.h"
#include "net/loop/loop.h"

/* Shared and immutable; hold a reference while a request is signed with it. */
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
 * returns, if credentials are available. */
typedef void (*creds_done)(void *arg, struct creds *creds, const struct err *err);

struct creds_provider;
struct creds_waiter;

/* Cached until five minutes before expiry (until expiry if renewal fails). Returns a handle to
 * cancel with while the fetch is in progress, or NULL if `done` was already called. */
struct creds_waiter *creds_get(struct creds_provider *provider, creds_done done, void *arg);
void creds_cancel(struct creds_waiter *waiter);
/* AWS refused the credentials as expired: fetch new ones at the next get. */
void creds_expire(struct creds_provider *provider, const struct creds *refused);
/* Where the last fetch looked, in words ("the container"); borrowed, NULL: not known. */
const char *creds_origin(const struct creds_provider *provider);
struct creds_provider *creds_provider_hold(struct creds_provider *provider);
void creds_provider_drop(struct creds_provider *provider);

/* The environment of the credential chain; borrowed for the lifetime of the providers. */
struct creds_env {
    struct loop *loop;
    struct http_transport transport;
    const char *(*getenv)(const char *name); /* replaced by tests */
    const char *profile_name;                /* chosen by an option; NULL: AWS_PROFILE */
    const char *region;                      /* of the STS endpoint; NULL: AWS_REGION, us-east-1 */
    const json_t *profile; /* creds_profile_settings, for the endpoint of STS; NULL: none */
    int max_attempts;      /* of a request that is not throttled; 0: 3 */
    int64_t patience_ms;   /* how long a throttled request is retried; 0: 900 s */
    int64_t stop_ms;       /* monotonic time after which it is not retried; 0: none */
    const char *trace_id;  /* X-Amzn-Trace-Id of requests to STS, not signed; NULL: none */
};

struct creds_provider *creds_static(struct creds *creds);

/* How a provider fetches. */
struct creds_source {
    /* Starts a fetch. It ends with one call of creds_callback, from within this function or later.
     */
    void (*fetch)(void *self, struct creds_provider *provider);
    void (*cancel)(void *self); /* cancels a fetch in progress: creds_callback is not called */
    void (*expire)(void *self, const struct creds *refused); /* NULL: nothing to forget */
    const char *(*origin)(const void *self);                 /* as creds_origin; NULL: not known */
    void (*free)(void *self);
};

struct creds_provider *creds_provider_new(const struct creds_source *source, void *self);
/* Ends a fetch. Exactly one of creds (ownership is taken) and err is set. */
void creds_callback(struct creds_provider *provider, struct creds *creds, const struct err *err);

#endif
