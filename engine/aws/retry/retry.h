/* Whether and when a call is tried again, as AWS's "standard" retry mode. Source: AWS SDKs and
 * Tools Reference Guide, "Retry behavior", and botocore's legacy/standard retry tables for codes.
 * Pure decisions; the client keeps the timers, and its pacer (pacer.h) judges what comes of haste.
 * One quota per account, region and service. */
#ifndef AWS_RETRY_RETRY_H
#define AWS_RETRY_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "net/http/http.h"

enum retry_class {
    RETRY_NEVER,
    RETRY_THROTTLED, /* refused before being carried out: always safe to repeat */
    RETRY_TRANSIENT, /* may have been carried out: repeated only if idempotent or never sent */
    RETRY_EXPIRED,   /* credentials: fetch new ones, then once more */
    RETRY_SKEW       /* clock: correct it by the reply's Date, then once more */
};

/* By code and status; `err` as proto_decode or http filled it. */
enum retry_class retry_classify(const struct err *err);

/* Was the call refused because there were too many? Then it waits for its turn, however often, and
 * takes nothing from the quota. */
bool retry_is_rate(const struct err *err);

/* May the same be tried again later with hope, after all retries of the call: throttled, the
 * service's own fault, no answer, credentials that had expired? A refusal is none of these. */
bool retry_may_pass(const struct err *err);

struct retry_quota { /* a token bucket of 500; per account, region and service */
    int tokens;
};
void retry_quota_init(struct retry_quota *quota);

struct retry_state {
    int attempt;      /* made so far */
    int max_attempts; /* AWS_MAX_ATTEMPTS */
    bool idempotent;  /* reads, and operations or requests with an idempotency token */
    int throttles;    /* so far */
    int spent;        /* quota taken by its retries, given back at success */
    bool refreshed;   /* credentials were renewed once */
    bool skewed;      /* clock was corrected once */
};

/* -1: do not retry. Otherwise milliseconds to wait: full jitter over min(20 s, 2^attempt), at least
 * what Retry-After (seconds or date) or x-amz-retry-after asks, that cut at 20 s as well. Takes
 * from the quota. `response` may be NULL; `sent` is whether any byte may have left. */
int64_t retry_decide(struct retry_state *state, struct retry_quota *quota, const struct err *err,
                     const struct http_response *response, bool sent);
/* The same for a throttled request that has no pacer: it is always made again. */
int64_t retry_throttled_ms(struct retry_state *state, const struct http_response *response);
/* What the server asks to wait, in milliseconds, at most 20 s; 0: nothing. */
int64_t retry_asked_ms(const struct http_response *response);
void retry_success(struct retry_state *state, struct retry_quota *quota);

/* Milliseconds that the server's Date header is ahead of us; 0 when absent. */
int64_t retry_clock_skew(const struct http_response *response);

/* Whether that is more than a signature bears. RequestExpired, EC2's word for old credentials and
 * for an old signature alike, is told apart by it. `response` may be NULL. */
bool retry_clock_is_wrong(const struct http_response *response);

#endif
