#include "aws/retry/retry.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"

#define QUOTA 500
#define COST 5
#define TIMEOUT_COST 10
#define LONGEST_MS 20000
#define SKEW_MS (4 * 60 * 1000) /* signatures are valid for five minutes, S3's for fifteen */

/* Source: botocore/retries/standard.py, and _retry.json for codes of single services. */
static const char *const throttled[] = {
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottledException",
    "RequestThrottled",
    "KmsThrottled",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "SlowDown",
    "EC2ThrottledException",
};

/* Also listed there, but the request rate is not the cause: another operation has to end first, or
 * a limit on the number of resources is reached. */
static const char *const busy[] = {"TransactionInProgressException", "PriorRequestNotComplete",
                                   "LimitExceededException"};

/* The same source, and "Common errors" of the API references for codes with status 500 and 503;
 * Amazon S3 API Reference, PutObject (If-None-Match: on a 409, retry the upload). */
static const char *const transient[] = {
    "RequestTimeout",
    "RequestTimeoutException",
    "InternalError",
    "InternalFailure",
    "InternalServerError",
    "InternalServiceError",
    "ServerException",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "Unavailable",
    "IDPCommunicationError",
    "ReplicatedWriteConflictException",
    "ConditionalRequestConflict",
};

/* EC2 returns RequestExpired both for expired credentials and for a late request. */
static const char *const expired[] = {"ExpiredToken", "ExpiredTokenException", "RequestExpired",
                                      "TokenRefreshRequired"};

static const char *const skewed[] = {"RequestTimeTooSkewed", "RequestInTheFuture"};

/* The clock is wrong only if the Date header of the response says so; otherwise the key is
 * wrong. */
static const char *const signature[] = {"SignatureDoesNotMatch", "InvalidSignatureException"};

#define AMONG(err, codes) is_among(err, codes, sizeof(codes) / sizeof *(codes))

static bool is_among(const struct err *err, const char *const *codes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(err->code, codes[i]) == 0 || strcmp(err->alias, codes[i]) == 0)
            return true;
    }
    return false;
}

static enum retry_class classify_status(int status)
{
    switch (status) {
    case 429:
    case 509: return RETRY_THROTTLED;
    case 408:
    case 500:
    case 502:
    case 503:
    case 504: return RETRY_TRANSIENT;
    default: return RETRY_NEVER;
    }
}

/* A success response that was cut or garbled on its way and cannot be parsed. */
static bool is_garbled(const struct err *err)
{
    return err->kind == ERR_PARSE && err->status >= 200 && err->status < 300;
}

enum retry_class retry_classify(const struct err *err)
{
    if (err->kind == ERR_NET || err->kind == ERR_TIMEOUT || is_garbled(err))
        return RETRY_TRANSIENT;
    /* An HTML page of a gateway cannot be parsed as an error of the protocol, but it has a
     * status. */
    if (err->kind != ERR_API && err->kind != ERR_PARSE)
        return RETRY_NEVER;
    if (AMONG(err, throttled) || AMONG(err, busy))
        return RETRY_THROTTLED;
    if (AMONG(err, transient))
        return RETRY_TRANSIENT;
    if (AMONG(err, expired))
        return RETRY_EXPIRED;
    if (AMONG(err, skewed) || AMONG(err, signature))
        return RETRY_SKEW;
    return classify_status(err->status);
}

bool retry_is_rate(const struct err *err)
{
    return retry_classify(err) == RETRY_THROTTLED && !AMONG(err, busy);
}

bool retry_is_transient(const struct err *err)
{
    struct err cause = *err;
    /* STS uses the same codes for its own faults. */
    if (cause.kind == ERR_CREDS && (cause.code[0] != '\0' || cause.status != 0))
        cause.kind = ERR_API;
    enum retry_class class = retry_classify(&cause);
    return class == RETRY_THROTTLED || class == RETRY_TRANSIENT || class == RETRY_EXPIRED ||
           (cause.kind == ERR_API && cause.status >= 500);
}

void retry_quota_init(struct retry_quota *quota)
{
    quota->tokens = QUOTA;
}

static int take(struct retry_state *state, struct retry_quota *quota, const struct err *err)
{
    int cost = err->kind == ERR_TIMEOUT ? TIMEOUT_COST : COST;
    if (quota->tokens < cost)
        return -1;
    quota->tokens -= cost;
    state->spent += cost;
    return 0;
}

void retry_success(struct retry_state *state, struct retry_quota *quota)
{
    quota->tokens += state->spent > 0 ? state->spent : 1;
    if (quota->tokens > QUOTA)
        quota->tokens = QUOTA;
    state->spent = 0;
}

/* The server's time when it replied. */
static bool read_date(const struct http_response *response, int64_t *wall_ms)
{
    const char *date = response != NULL ? http_header_value(response, "date") : NULL;
    return date != NULL && clock_parse_http_date(date, wall_ms) == 0;
}

int64_t retry_clock_skew(const struct http_response *response)
{
    int64_t theirs;
    return read_date(response, &theirs) ? theirs - clock_wall_ms() : 0;
}

bool retry_clock_is_wrong(const struct http_response *response)
{
    return llabs(retry_clock_skew(response)) > SKEW_MS;
}

/* A whole number that is not negative, or -1. Very large values are capped. */
static int64_t read_number(const char *text)
{
    char *end;
    long long value = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || value < 0)
        return -1;
    return value < LONGEST_MS ? value : LONGEST_MS;
}

/* Retry-After, RFC 9110 section 10.2.3: seconds, or a date by the server's own clock. */
static int64_t retry_after(const struct http_response *response, const char *text)
{
    int64_t until;
    int64_t now;
    int64_t seconds = read_number(text);
    if (seconds >= 0)
        return seconds * 1000;
    if (clock_parse_http_date(text, &until) != 0)
        return 0;
    return until - (read_date(response, &now) ? now : clock_wall_ms());
}

/* The delay that the server requests, in milliseconds. x-amz-retry-after counts in milliseconds. */
int64_t retry_asked_ms(const struct http_response *response)
{
    if (response == NULL)
        return 0;
    const char *precise = http_header_value(response, "x-amz-retry-after");
    const char *usual = http_header_value(response, "retry-after");
    int64_t asked = precise != NULL ? read_number(precise) : -1;
    if (asked < 0 && usual != NULL)
        asked = retry_after(response, usual);
    return asked < LONGEST_MS ? asked : LONGEST_MS;
}

static int64_t back_off(int times, const struct http_response *response)
{
    int64_t most = times < 5 ? (int64_t)1000 << times : LONGEST_MS;
    if (most > LONGEST_MS)
        most = LONGEST_MS;
    int64_t delay = (int64_t)(random_unit() * (double)most);
    int64_t asked = retry_asked_ms(response);
    return delay > asked ? delay : asked;
}

/* The clock can only be corrected if the response has a Date header. */
static int64_t decide_skew(struct retry_state *state, const struct err *err,
                           const struct http_response *response)
{
    int64_t theirs;
    if (state->skewed || !read_date(response, &theirs))
        return -1;
    if (AMONG(err, signature) && !retry_clock_is_wrong(response))
        return -1;
    state->skewed = true;
    return 0;
}

static int64_t decide_expired(struct retry_state *state)
{
    if (state->refreshed)
        return -1;
    state->refreshed = true;
    return 0;
}

int64_t retry_decide(struct retry_state *state, struct retry_quota *quota, const struct err *err,
                     const struct http_response *response, bool sent)
{
    enum retry_class class = retry_classify(err);
    /* Each correction is made once, whatever the number of attempts: nothing was carried out. */
    if (class == RETRY_EXPIRED)
        return decide_expired(state);
    if (class == RETRY_SKEW)
        return decide_skew(state, err, response);
    if (class == RETRY_NEVER || state->attempt >= state->max_attempts)
        return -1;
    if (class == RETRY_TRANSIENT && sent && !state->idempotent)
        return -1;
    if (take(state, quota, err) != 0)
        return -1;
    return back_off(state->attempt, response);
}

int64_t retry_throttled_ms(struct retry_state *state, const struct http_response *response)
{
    return back_off(state->throttles++, response);
}
