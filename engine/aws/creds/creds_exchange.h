/* One HTTP request of a source, repeated on transient errors as often as the attempts allow, on
 * throttles as long as patience lasts. Serves creds_container, creds_imds and creds_sts; calls
 * retry. */
#ifndef AWS_CREDS_CREDS_EXCHANGE_H
#define AWS_CREDS_CREDS_EXCHANGE_H

#include <stdint.h>

#include "aws/retry/retry.h"
#include "base/err.h"
#include "net/http/http.h"
#include "net/loop/loop.h"

struct creds_env;

/* One HTTP request, repeated on transient errors as often as the attempts allow, on throttles as
 * long as patience lasts. */
struct creds_exchange {
    const struct creds_env *env;
    const struct creds_exchange_ops {
        /* After a pause: make the request anew (exchange_send). */
        void (*again)(void *owner);
        /* 0: understood, `ended` follows. -1: err says what was wrong. */
        int (*read)(void *owner, const struct http_response *response, struct err *err);
        /* No more will come. NULL: read said 0. */
        void (*ended)(void *owner, const struct err *err);
        /* Before `again`, when keys or clock were at fault. NULL: it does not happen. */
        void (*mend)(void *owner, enum retry_class what, const struct http_response *response);
    } * ops;
    void *owner;
    struct http_transfer *transfer;
    struct loop_timer *timer;
    struct retry_state retry;
    struct retry_quota quota;
    int64_t throttled_ms; /* first; 0: not yet */
};

void exchange_init(struct creds_exchange *exchange, const struct creds_env *env,
                   const struct creds_exchange_ops *ops, void *owner);
/* Before each new request; 0: AWS_MAX_ATTEMPTS or 3. */
void exchange_begin(struct creds_exchange *exchange, int max_attempts);
void exchange_send(struct creds_exchange *exchange, const struct http_request *request);
void exchange_cancel(struct creds_exchange *exchange);

#endif
