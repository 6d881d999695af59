/* Whether and when a call is tried again, as AWS's "standard" retry mode. Source: AWS SDKs and
 * Tools Reference Guide, "Retry behavior", and botocore's legacy/standard retry tables for codes.
 * Pure decisions; the client keeps the timers. One quota per service and region. */
#ifndef AWS_RETRY_H
#define AWS_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "net/http.h"

enum retry_class {
    RETRY_NEVER,
    RETRY_THROTTLED, /* refused before being carried out: always safe to repeat */
    RETRY_TRANSIENT, /* may have been carried out: repeated only if idempotent or never sent */
    RETRY_EXPIRED,   /* credentials: fetch new ones, then once more */
    RETRY_SKEW       /* clock: correct it by the reply's Date, then once more */
};

/* By code and status; `err` as proto_decode or http filled it. */
enum retry_class retry_classify(const struct err *err);

/* May the same be tried again later with hope, after all retries of the call: throttled, the
 * service's own fault, no answer, credentials that had expired? A refusal is none of these. */
bool retry_may_pass(const struct err *err);

struct retry_quota { /* a token bucket of 500; per service and region */
    int tokens;
};
void retry_quota_init(struct retry_quota *quota);

struct retry_state {
    int attempt;      /* made so far */
    int max_attempts; /* AWS_MAX_ATTEMPTS, 3 */
    bool idempotent;  /* reads, and operations or requests with an idempotency token */
    int spent;        /* quota taken by the last retry, given back at success */
    bool refreshed;   /* credentials were renewed once */
    bool skewed;      /* clock was corrected once */
};

/* -1: do not retry. Otherwise milliseconds to wait: full jitter over min(20 s, 2^attempt), at least
 * what Retry-After (seconds or date) or x-amz-retry-after asks, that cut at 20 s as well. Takes
 * from the quota. `response` may be NULL; `sent` is whether any byte may have left. */
int64_t retry_decide(struct retry_state *state, struct retry_quota *quota, const struct err *err,
                     const struct http_response *response, bool sent);
void retry_success(struct retry_state *state, struct retry_quota *quota);

/* Milliseconds that the server's Date header is ahead of us; 0 when absent. */
int64_t retry_clock_skew(const struct http_response *response);

/* Whether that is more than a signature bears. RequestExpired, EC2's word for old credentials and
 * for an old signature alike, is told apart by it. `response` may be NULL. */
bool retry_clock_is_wrong(const struct http_response *response);

#endif
