#include "aws/creds/creds_exchange.h"

#include "aws/creds/creds.h"
#include "aws/creds/creds_read.h"
#include "base/log.h"

#define ATTEMPTS 3
#define PATIENCE_MS 900000

void creds_exchange_init(struct creds_exchange *exchange, const struct creds_env *env,
                         const struct creds_exchange_ops *ops, void *owner)
{
    *exchange = (struct creds_exchange){.env = env, .ops = ops, .owner = owner};
    retry_quota_init(&exchange->quota);
}

void creds_exchange_begin(struct creds_exchange *exchange, int max_attempts)
{
    int attempts = max_attempts > 0 ? max_attempts : exchange->env->max_attempts;
    exchange->throttled_ms = 0;
    exchange->retry = (struct retry_state){.max_attempts = attempts > 0 ? attempts : ATTEMPTS,
                                           .idempotent = true};
}

static void resume(void *arg)
{
    struct creds_exchange *exchange = arg;
    exchange->timer = NULL;
    exchange->ops->again(exchange->owner);
}

/* How long to wait before a throttled request is repeated, in milliseconds; -1: do not repeat. Such
 * a repeat does not count as an attempt. */
static int64_t wait_for_turn(struct creds_exchange *exchange, const struct http_response *response)
{
    const struct creds_env *env = exchange->env;
    int64_t now = loop_now(env->loop);
    int64_t patience = env->patience_ms > 0 ? env->patience_ms : PATIENCE_MS;
    int64_t delay = retry_throttled_ms(&exchange->retry, response);
    if (exchange->throttled_ms == 0)
        exchange->throttled_ms = now;
    exchange->retry.attempt--;
    bool hopeless = now + delay - exchange->throttled_ms > patience ||
                    (env->stop_ms != 0 && now + delay > env->stop_ms);
    return hopeless ? -1 : delay;
}

static void on_failure(struct creds_exchange *exchange, const struct err *err,
                       const struct http_response *response, bool sent)
{
    int64_t delay = retry_is_rate(err)
                        ? wait_for_turn(exchange, response)
                        : retry_decide(&exchange->retry, &exchange->quota, err, response, sent);
    enum retry_class class = retry_classify(err);
    bool mends = class == RETRY_EXPIRED || class == RETRY_SKEW;
    if (delay < 0 || (mends && exchange->ops->mend == NULL)) {
        exchange->ops->ended(exchange->owner, err);
        return;
    }
    log_debug("credentials: %s, again in %lld ms", err->code[0] != '\0' ? err->code : err->message,
              (long long)delay);
    if (mends)
        exchange->ops->mend(exchange->owner, class, response);
    exchange->timer = loop_after(exchange->env->loop, delay, resume, exchange);
}

static void on_reply(void *arg, const struct http_response *response, const struct err *error)
{
    struct creds_exchange *exchange = arg;
    struct err err = {0};
    exchange->transfer = NULL;
    if (response == NULL) {
        err = *error;
        bool sent = err.status != 0;
        err.status = 0;
        on_failure(exchange, &err, NULL, sent);
    } else if (exchange->ops->read(exchange->owner, response, &err) != 0) {
        on_failure(exchange, &err, response, true);
    } else {
        retry_success(&exchange->retry, &exchange->quota);
        exchange->ops->ended(exchange->owner, NULL);
    }
}

void creds_exchange_send(struct creds_exchange *exchange, const struct http_request *request)
{
    const struct http_transport *transport = &exchange->env->transport;
    exchange->retry.attempt++;
    exchange->transfer = transport->start(transport->self, request, on_reply, exchange);
}

void creds_exchange_cancel(struct creds_exchange *exchange)
{
    const struct http_transport *transport = &exchange->env->transport;
    if (exchange->transfer != NULL)
        transport->cancel(transport->self, exchange->transfer);
    loop_cancel(exchange->env->loop, exchange->timer);
    exchange->transfer = NULL;
    exchange->timer = NULL;
}
