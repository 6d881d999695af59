/* Sends one HTTP request of a source. Transient errors are retried as often as the attempts allow,
 * throttles as long as `patience_ms` allows. Serves creds_container, creds_imds and creds_sts;
 * calls retry. */
#ifndef AWS_CREDS_CREDS_EXCHANGE_H
#define AWS_CREDS_CREDS_EXCHANGE_H

#include <stdint.h>

#include "aws/retry/retry.h"
#include "base/err.h"
#include "net/http/http.h"
#include "net/loop/loop.h"

struct creds_env;

/* One HTTP request with its retries. */
struct creds_exchange {
    const struct creds_env *env;
    const struct creds_exchange_ops {
        /* Called after a pause: make the request again (creds_exchange_send). */
        void (*again)(void *owner);
        /* 0: the response was understood, `ended` follows. -1: err says what was wrong. */
        int (*read)(void *owner, const struct http_response *response, struct err *err);
        /* The exchange has ended. err is NULL if `read` returned 0. */
        void (*ended)(void *owner, const struct err *err);
        /* Called before `again` if the credentials or the clock were wrong. NULL: that cannot
         * happen. */
        void (*mend)(void *owner, enum retry_class what, const struct http_response *response);
    } * ops;
    void *owner;
    struct http_transfer *transfer;
    struct loop_timer *timer;
    struct retry_state retry;
    struct retry_quota quota;
    int64_t throttled_ms; /* time of the first throttle; 0: none yet */
};

void creds_exchange_init(struct creds_exchange *exchange, const struct creds_env *env,
                         const struct creds_exchange_ops *ops, void *owner);
/* Call before each new request. max_attempts 0: the environment's, or 3. */
void creds_exchange_begin(struct creds_exchange *exchange, int max_attempts);
void creds_exchange_send(struct creds_exchange *exchange, const struct http_request *request);
void creds_exchange_cancel(struct creds_exchange *exchange);

#endif
