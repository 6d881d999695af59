/* Credentials: who signs. A provider gives credentials, at once or after a fetch; many waiters
 * share one fetch, and a failure is told to each. Serves client; calls http, sigv4, xml, json.
 * Source of the chain's order: AWS SDKs and Tools Reference Guide, "Standardized credential
 * providers". Secrets are wiped when freed and never logged. */
#ifndef AWS_CREDS_CREDS_H
#define AWS_CREDS_CREDS_H

#include <jansson.h>
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
    int max_attempts;      /* of a request that is not throttled; 0: 3 */
    int64_t patience_ms;   /* how long a throttled request is repeated; 0: 900 s */
    int64_t stop_ms;       /* monotonic: none is repeated after that; 0: no such time */
};

struct creds_provider *creds_static(struct creds *creds);

/* How a provider fetches. */
struct creds_source {
    /* Begins a fetch that ends with one creds_told, from within this call or later. */
    void (*fetch)(void *self, struct creds_provider *provider);
    void (*cancel)(void *self); /* a fetch that was begun and has not ended: no creds_told */
    void (*expire)(void *self, const struct creds *refused); /* NULL: nothing to forget */
    void (*free)(void *self);
};

struct creds_provider *creds_provider_new(const struct creds_source *source, void *self);
/* Exactly one of creds (taken over) and err is set. */
void creds_told(struct creds_provider *provider, struct creds *creds, const struct err *err);

#endif
