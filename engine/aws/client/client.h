/* Makes AWS API calls: parameters in, result out. Joins model, protocol, endpoint, creds, sigv4,
 * retry and http. Serves the rooms above and the bindings. All requests to AWS are signed here,
 * except the STS calls of creds. So the permission check is here, too: a session says what it may
 * sign.
 *
 * At most `max_in_flight` requests are in flight. AWS limits the calls of an account in one region
 * to one service together: the client sends them in order, and no faster than AWS accepts them. A
 * throttled call is queued again, until `patience_ms` have passed without one success. */
#ifndef AWS_CLIENT_CLIENT_H
#define AWS_CLIENT_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "aws/client/client_call.h"
#include "aws/client/client_pages.h"
#include "aws/creds/creds.h"
#include "aws/endpoint/endpoint.h"
#include "aws/model/model.h"
#include "aws/operations/opclass.h"
#include "base/err.h"
#include "net/http/http.h"
#include "net/loop/loop.h"

/* What a session may sign. Only change/gate.c may use PERMIT_CHANGE, only notify/message.c
 * PERMIT_MESSAGE, and only app/cli/cmd_run.c PERMIT_OPERATOR. A lint enforces this. */
enum permit {
    PERMIT_READ = 0, /* reads (of class OP_READ, or in `reviewed`) that are in `allowed` */
    PERMIT_CHANGE,   /* operations in `allowed` that are not forbidden */
    PERMIT_MESSAGE,  /* the engine's own messages: sqs, sns, events, its table and objects, … */
    PERMIT_OPERATOR  /* every operation: for the operator's own script */
};

struct opset; /* aws/operations/opset.h */

/* The caller. Owned by its creator; must outlive its calls. */
struct session {
    const char *account; /* for messages, shared and gathered reads; may be "" */
    struct creds_provider *provider;
    enum permit permit;
    const struct opset *allowed; /* used by PERMIT_READ and PERMIT_CHANGE */
    /* Operations of class OP_UNREVIEWED that the policy declares as reads, with a reason. NULL:
     * none. */
    const struct opset *reviewed;
    /* Members of results that the policy declares as needed ("service:Operation.Path.To.Member").
     * PERMIT_READ and PERMIT_CHANGE redact all other secret members. NULL: none. */
    const struct opset *sensitive;
};

/* Answers a call in place of AWS, after it was permitted, checked and encoded: for tests of
 * policies. `call` has the service's name in the model. Returns 0 with a new result, -1 with err,
 * or 1: the call is sent. */
typedef int (*client_answer)(void *arg, const struct call *call, bool change, json_t **result,
                             struct err *err);

/* How a call ended: for --explain. `err` is NULL if it succeeded. */
struct client_ended {
    const char *service, *operation, *region;
    int64_t ms;   /* from the start of the call to its end, waiting included */
    int attempts; /* requests that were sent */
    const struct err *err;
};
typedef void (*client_ended)(const struct client_ended *ended);

struct client_options {
    struct loop *loop;
    struct http_transport transport;
    struct model_set *models;
    const struct endpoints *endpoints;
    int max_in_flight;    /* 0: 200 */
    int max_attempts;     /* for calls that are not throttled; 0: 5 for reads, 3 for changes */
    int64_t patience_ms;  /* 0: 900 s */
    long idle_timeout_ms; /* as in http_request; 0: its default */
    client_answer answer; /* NULL: calls are sent */
    void *answer_arg;
    client_ended ended; /* called at the end of each call; NULL: not */
    bool alone;         /* gather no reads: a recording must not depend on when calls are made */
};

struct client;
struct client *client_new(const struct client_options *options);
void client_free(struct client *client);

struct client_stats {
    uint64_t calls, requests, retries, throttled, failed;
    uint64_t changes; /* requests signed for operations that are not reads */
};
void client_stats(const struct client *client, struct client_stats *stats);

/* The X-Ray id of the work in progress, sent as X-Amzn-Trace-Id with each request, except to SQS:
 * it would become the trace header of a message, and Lambda takes a requeued line with one for a
 * recursive loop. NULL: none. */
void client_set_trace(struct client *client, const char *trace_id);

/* Little time is left: reads that wait because of throttling fail now, and later ones fail at
 * once. */
void client_hurry(struct client *client);
/* Is any call waiting because it was throttled? */
bool client_is_slow(const struct client *client);
/* Are clearly fewer requests in flight than may be? */
bool client_has_room(const struct client *client);
/* A new run starts: queues that were given up are tried again. */
void client_renew(struct client *client);
/* Wall-clock time of the last response that was not a throttle, among the calls that AWS counts
 * together with this "service:Operation". 0: none in this process. */
int64_t client_success_ms(const struct client *client, const char *account, const char *region,
                          const char *operation);

bool client_sends_alone(const struct client *client);
struct loop *client_loop(const struct client *client);
struct model_set *client_models(struct client *client);
const struct endpoints *client_endpoints(const struct client *client);

#endif
