#include "aws/client/client_call.h"

#include <string.h>

#include "aws/client/client_bucket.h"
#include "aws/client/client_fault.h"
#include "aws/client/client_internal.h"
#include "aws/client/client_pace.h"
#include "aws/client/client_pace_index.h"
#include "aws/client/client_permit.h"
#include "aws/client/client_send.h"
#include "aws/client/client_spare.h"
#include "aws/client/client_token.h"
#include "aws/client/redact.h"
#include "aws/model/model_open.h"
#include "aws/protocol/proto_validate.h"
#include "aws/protocol/protocol.h"
#include "base/log.h"
#include "base/mem.h"
#include "value/json.h"

#define READ_ATTEMPTS 5
#define CHANGE_ATTEMPTS 3
#define UNREPORTED_BYTES (256u << 10) /* of responses whose results wait to be reported */

static void report_end(const struct client_call *call, const struct err *err)
{
    const struct client_options *options = &call->client->options;
    const struct client_ended ended = {.service = model_info(call->model)->name,
                                       .operation = call->info.name,
                                       .region = call->region,
                                       .ms = loop_now(options->loop) - call->started_ms,
                                       .attempts = call->retry.attempt,
                                       .err = err};
    if (options->ended != NULL)
        options->ended(&ended);
}

/* Calls back last: the callback may free the client. */
static void finish(struct client_call *call, json_t *result, struct err *err)
{
    client_done done = call->done;
    void *arg = call->arg;
    report_end(call, err);
    if (err != NULL) {
        call->client->stats.failed++;
        client_explain(call, err);
    } else if (client_redacts(call->session)) {
        redact(call->model, call->operation, call->session->sensitive, result);
    }
    client_call_give_back(call);
    done(arg, result, err);
    json_decref(result);
}

static void report_failure(void *arg)
{
    struct client_call *call = arg;
    struct err failure = call->failure;
    call->timer = NULL;
    finish(call, NULL, &failure);
}

static void report_result(void *arg)
{
    struct client_call *call = arg;
    json_t *result = call->result;
    call->timer = NULL;
    call->result = NULL;
    finish(call, result, NULL);
}

/* The caller may work long on each result. If it begins when all responses that have arrived are
 * read, their connections do not wait for it, and each part of the code runs many times in a row,
 * which the processor's caches reward. */
static void report_soon(struct client_call *call, json_t *result)
{
    call->result = result;
    call->state = CALL_PAUSED;
    call->timer = loop_after(call->client->options.loop, 0, report_result, call);
}

/* Large results do not wait for each other: there would be as much memory of them as of all calls
 * in progress. */
static void report(struct client_call *call, json_t *result, size_t bytes)
{
    struct client *client = call->client;
    if (client->unreported + bytes > UNREPORTED_BYTES) {
        finish(call, result, NULL);
        return;
    }
    client->unreported += bytes;
    call->result_bytes = bytes;
    report_soon(call, result);
}

/* For code that may run within client_start, where `done` must not be called. */
static void fail_soon(struct client_call *call)
{
    call->state = CALL_PAUSED;
    call->timer = loop_after(call->client->options.loop, 0, report_failure, call);
}

static void fetch_creds(struct client_call *call);

static void resume(void *arg)
{
    struct client_call *call = arg;
    call->timer = NULL;
    fetch_creds(call);
}

static void try_again(struct client_call *call, int64_t delay_ms)
{
    call->client->stats.retries++;
    call->state = CALL_PAUSED;
    call->timer = loop_after(call->client->options.loop, delay_ms, resume, call);
}

static void follow_bucket(struct client_call *call, const char *region)
{
    log_debug("bucket %s is in %s", call->request.bucket, region);
    char *copy = mem_strdup(region); /* it may belong to the entry that is replaced */
    json_object_set_new_nocheck(call->client->bucket_regions, call->request.bucket,
                                json_string(copy));
    mem_free(call->region);
    call->region = copy;
    call->redirected = true;
    pace_assign(call);
    try_again(call, 0);
}

/* The search for the bucket's region has ended. Sends the call there, once; if NULL, the call fails
 * with call->failure. */
static void on_located(struct client_call *call, const char *region)
{
    struct err failure = call->failure;
    call->head = NULL;
    if (region != NULL && strcmp(region, call->region) != 0)
        follow_bucket(call, region);
    else
        finish(call, NULL, &failure);
}

/* bucket_regions already holds the region that HeadBucket's response named, even if it was an
 * error. */
static void on_bucket(void *arg, json_t *result, const struct err *err)
{
    struct client_call *call = arg;
    const json_t *learnt = json_object_get(call->client->bucket_regions, call->request.bucket);
    const char *region = json_get_string(result, "BucketRegion", json_string_value(learnt));
    (void)err;
    on_located(call, region);
}

static bool ask_bucket(struct client_call *call, const struct err *err)
{
    struct err ignored = {0};
    if (!client_bucket_may_ask(call, err))
        return false;
    call->asking = *call->session;
    call->asking.permit = PERMIT_READ;
    call->asking.allowed = call->client->bucket_reads;
    json_t *params = json_pack("{s:s}", "Bucket", call->request.bucket);
    struct call head = {.session = &call->asking,
                        .region = call->region,
                        .service = model_info(call->model)->name,
                        .operation = "HeadBucket",
                        .params = params};
    call->head = client_start(call->client, &head, &ignored, on_bucket, call);
    json_decref(params);
    if (call->head == NULL)
        return false;
    call->state = CALL_ASKING;
    call->failure = *err;
    return true;
}

static void prepare_retry(struct client_call *call, const struct err *err,
                          const struct http_response *response)
{
    switch (retry_classify(err)) {
    case RETRY_EXPIRED:
        creds_expire(call->session->provider, call->creds);
        if (retry_clock_is_wrong(response))
            call->client->skew_ms = retry_clock_skew(response);
        break;
    case RETRY_SKEW:
        call->client->skew_ms = response != NULL ? retry_clock_skew(response) : 0;
        break;
    default: break;
    }
}

/* Is the bucket in another region? If so, the call is sent there, once. */
static bool goes_elsewhere(struct client_call *call, const struct err *err,
                           const struct http_response *response)
{
    char region[64];
    if (response == NULL || call->redirected)
        return false;
    if (client_bucket_region(call, response, region) == NULL)
        return ask_bucket(call, err);
    if (strcmp(region, call->region) == 0)
        return false;
    follow_bucket(call, region);
    return true;
}

static void on_failure(struct client_call *call, struct err *err,
                       const struct http_response *response, bool sent)
{
    if (goes_elsewhere(call, err, response))
        return;
    if (retry_is_rate(err)) {
        call->client->stats.throttled++;
        if (pace_again(call, err))
            call->client->stats.retries++;
        else
            finish(call, NULL, err);
        return;
    }
    int64_t delay = retry_decide(&call->retry, &call->pace->quota, err, response, sent);
    if (delay < 0) {
        finish(call, NULL, err);
        return;
    }
    log_debug("%s:%s: %s, again in %lld ms", model_info(call->model)->name, call->info.name,
              err->code[0] != '\0' ? err->code : err->message, (long long)delay);
    prepare_retry(call, err, response);
    try_again(call, delay);
}

/* Reports the outcome to the pace. */
static void note_outcome(struct client_call *call, const struct http_response *response,
                         const struct err *err)
{
    if (response == NULL)
        pace_answered(call, PACER_LOST, 0);
    else if (retry_is_rate(err))
        pace_answered(call, PACER_THROTTLED, retry_asked_ms(response));
    else
        pace_answered(call, PACER_PASSED, 0);
}

static void on_reply(void *arg, const struct http_response *response, const struct err *error)
{
    struct client_call *call = arg;
    struct client *client = call->client;
    struct err err = {0};
    json_t *result = NULL;
    call->transfer = NULL;
    client->in_flight--;
    if (response != NULL)
        client_decode(call, response, &result, &err);
    note_outcome(call, response, &err);
    if (response == NULL) {
        err = *error;
        bool sent = err.status != 0;
        err.status = 0;
        on_failure(call, &err, NULL, sent);
    } else if (err.kind != ERR_NONE) {
        on_failure(call, &err, response, true);
    } else {
        retry_success(&call->retry, &call->pace->quota);
        report(call, result, response->body_length);
    }
    pace_dispatch(client);
}

static void launch(struct client_call *call)
{
    call->retry.attempt++;
    if (client_send(call, on_reply) == 0)
        return;
    pace_answered(call, PACER_LOST, 0);
    fail_soon(call);
}

static void on_creds(void *arg, struct creds *creds, const struct err *err)
{
    struct client_call *call = arg;
    call->waiter = NULL;
    if (creds == NULL) {
        call->failure = *err;
        fail_soon(call);
        return;
    }
    creds_drop(call->creds);
    call->creds = creds_hold(creds);
    pace_wait(call);
}

static void fetch_creds(struct client_call *call)
{
    if (strcmp(call->info.auth_type, "none") == 0) {
        pace_wait(call);
        return;
    }
    call->state = CALL_CREDS;
    struct creds_waiter *waiter = creds_get(call->session->provider, on_creds, call);
    /* NULL: on_creds has already run, and the call may have been freed */
    if (waiter != NULL)
        call->waiter = waiter;
}

const struct pace_uses client_call_uses = {
    .launch = launch, .fetch_creds = fetch_creds, .fail_soon = fail_soon};

static void init_call(struct client_call *call, const struct call *given)
{
    struct client *client = call->client;
    const char *service = model_info(call->model)->name;
    const json_t *learnt = json_object_get(client->bucket_regions, call->request.bucket);
    call->region = mem_strdup(learnt != NULL ? json_string_value(learnt) : given->region);
    call->change = !client_is_read(call->session, service, call->info.name);
    call->serial = ++client->serial;
    call->started_ms = loop_now(client->options.loop);
    call->retry.max_attempts = client->options.max_attempts;
    if (call->retry.max_attempts <= 0)
        call->retry.max_attempts = call->change ? CHANGE_ATTEMPTS : READ_ATTEMPTS;
    call->retry.idempotent =
        !call->change || given->repeatable || (!given->once && client_has_token(call));
    pace_assign(call);
    client->stats.calls++;
}

/* Without a request, so without credentials, pace and repetition; false if it is sent. */
static bool answer(struct client_call *call, const struct call *given)
{
    const struct client_options *options = &call->client->options;
    struct call asked = *given;
    asked.service = model_info(call->model)->name;
    json_t *result = NULL;
    int answered =
        options->answer(options->answer_arg, &asked, call->change, &result, &call->failure);
    if (answered < 0)
        fail_soon(call);
    else if (answered == 0)
        report_soon(call, result);
    return answered <= 0;
}

static int prepare(struct client_call *call, const struct call *given, struct err *err)
{
    call->model = model_open(call->client->options.models, given->service, err);
    if (call->model == NULL ||
        model_find_operation(call->model, given->operation, &call->operation, err) != 0)
        return -1;
    model_operation_info(call->model, call->operation, &call->info);
    if (client_permit(given->session, model_info(call->model)->name, call->info.name, err) != 0)
        return -1;
    if (strcmp(call->info.auth_type, "bearer") == 0 || strcmp(call->info.auth_type, "v2") == 0)
        return err_set(err, ERR_PARAM, "it requires %s, which the engine does not support",
                       call->info.auth_type[0] == 'b' ? "bearer tokens"
                                                      : "signatures of version 2");
    if (call->info.event_stream)
        return err_set(err, ERR_PARAM, "it returns an event stream, which is not supported");
    if (proto_validate(call->model, call->operation, given->params, err) != 0)
        return -1;
    return proto_encode(call->model, call->operation, given->params, &call->request, err);
}

struct client_call *client_start(struct client *client, const struct call *given, struct err *err,
                                 client_done done, void *arg)
{
    struct client_call *call = client_call_take(client);
    call->done = done;
    call->arg = arg;
    call->session = given->session;
    call->payload = given->payload;
    if (prepare(call, given, err) != 0) {
        if (err->operation[0] == '\0' && err->kind == ERR_PARAM)
            err_prefix(err, "%s:%s", given->service, given->operation);
        client_call_give_back(call);
        return NULL;
    }
    init_call(call, given);
    if (client->options.answer == NULL || !answer(call, given))
        fetch_creds(call);
    return call;
}

void client_cancel(struct client *client, struct client_call *call)
{
    switch (call->state) {
    case CALL_CREDS: creds_cancel(call->waiter); break;
    case CALL_WAITING: break;
    case CALL_SENT:
        client->options.transport.cancel(client->options.transport.self, call->transfer);
        client->in_flight--;
        break;
    case CALL_PAUSED: loop_cancel(client->options.loop, call->timer); break;
    case CALL_ASKING: client_cancel(client, call->head); break;
    }
    pace_leave(call);
    client_call_give_back(call);
    pace_dispatch(client);
}
