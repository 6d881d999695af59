/* Decides whether and when a call is retried, as in the "standard" retry mode of AWS. Source: AWS
 * SDKs and Tools Reference Guide, "Retry behavior", and botocore's legacy/standard retry tables for
 * codes. Only decides: the client keeps the timers, and its pacer (pacer.h) handles throttles.
 * There is one quota per account, region and service. */
#ifndef AWS_RETRY_RETRY_H
#define AWS_RETRY_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "net/http/http.h"

enum retry_class {
    RETRY_NEVER,
    RETRY_THROTTLED, /* refused before it was carried out: always safe to repeat */
    RETRY_TRANSIENT, /* may have been carried out: repeat only if idempotent or never sent */
    RETRY_EXPIRED,   /* credentials expired: fetch new ones, then retry once */
    RETRY_SKEW       /* wrong clock: correct it by the Date header, then retry once */
};

/* Classifies by code and status; `err` as filled in by proto_decode or http. */
enum retry_class retry_classify(const struct err *err);

/* Was the call throttled? Such a call is queued again, however often, and takes nothing from the
 * quota. */
bool retry_is_rate(const struct err *err);

/* Is it worth trying again later, after all retries of the call? True for throttles, faults of the
 * service, missing responses and expired credentials. Not for access denied. */
bool retry_is_transient(const struct err *err);

struct retry_quota { /* a token bucket of 500 per account, region and service */
    int tokens;
};
void retry_quota_init(struct retry_quota *quota);

struct retry_state {
    int attempt;      /* attempts made so far */
    int max_attempts; /* AWS_MAX_ATTEMPTS */
    bool idempotent;  /* a read, or an operation or request with an idempotency token */
    int throttles;    /* throttles so far */
    int spent;        /* quota that its retries took, given back at success */
    bool refreshed;   /* credentials were renewed once */
    bool skewed;      /* the clock was corrected once */
};

/* Returns -1: do not retry. Otherwise the delay in milliseconds: full jitter over min(20 s,
 * 2^attempt), but at least the value of Retry-After (seconds or date) or x-amz-retry-after, which
 * is also limited to 20 s. Takes from the quota. `response` may be NULL; `sent`: some bytes may
 * have been sent. */
int64_t retry_decide(struct retry_state *state, struct retry_quota *quota, const struct err *err,
                     const struct http_response *response, bool sent);
/* The same for a throttled request without a pacer: it is always repeated. */
int64_t retry_throttled_ms(struct retry_state *state, const struct http_response *response);
/* The delay that the server requests, in milliseconds, at most 20 s; 0: none. */
int64_t retry_asked_ms(const struct http_response *response);
void retry_success(struct retry_state *state, struct retry_quota *quota);

/* How many milliseconds the server's Date header is ahead of our clock; 0 if it is missing. */
int64_t retry_clock_skew(const struct http_response *response);

/* Whether the difference is too large for a signature. EC2 returns RequestExpired both for expired
 * credentials and for an old signature; this tells them apart. `response` may be NULL. */
bool retry_clock_is_wrong(const struct http_response *response);

#endif
