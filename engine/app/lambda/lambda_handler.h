/* One invocation, and the interface of the three functions that handle it. Serves lambda_invoke and
 * the handlers. */
#ifndef APP_LAMBDA_LAMBDA_HANDLER_H
#define APP_LAMBDA_LAMBDA_HANDLER_H

#include <jansson.h>
#include <stdbool.h>

#include "app/lambda/lambda_batch.h"
#include "app/lambda/lambda_runtime.h"
#include "app/services/metric.h"
#include "app/services/services.h"
#include "aws/client/client.h"

struct lambda_handler;

/* The current invocation. */
struct invocation {
    struct services *services;
    const struct lambda_handler *handler;
    const struct lambda_event *event;
    json_t *input;
    /* The response: err if err.kind is set, else `reply` (NULL: null). */
    json_t *reply;
    struct err err;
    struct batch batch; /* of a handler that takes one */
    void *own;          /* of the handler, between start and free */

    int64_t began_ms;           /* of the handler's work, monotonic */
    struct client_stats before; /* calls until then */
    int64_t cut_ms; /* deadline for the response, monotonic; context.stop_ms is earlier */
    struct loop_timer *stop_timer, *cut_timer;
    bool started;
    bool shown; /* messages of a batch that was not started become visible again soon */
    bool cut;   /* responded while work was in progress: the process must restart */
};

struct lambda_handler {
    const char *name; /* in _HANDLER */
    /* Are the settings in the environment sufficient? Before the first invocation. */
    int (*check)(const struct settings *settings, struct err *err);
    /* Loads what the handler needs, once; services_policies or services_events. */
    int (*load)(struct services *services, struct err *err);
    bool runs_plainly; /* needs neither the organization nor the caller's account */
    bool (*needs_caller)(const struct settings *settings);
    /* The handler of this event; NULL: this one. The members below are those of that handler. */
    const struct lambda_handler *(*mode)(const struct invocation *invocation);
    /* The event is a batch: the frame reads it, shows what is not done again later, and
     * responds. */
    bool takes_batch;
    const char *late; /* the error when the time is up and work is in progress; NULL: none */
    /* Starts, and sets `own`, or sets err. Called from the loop; the invocation ends when nothing
     * is in progress. The functions below are called only if `own` is set. */
    void (*start)(struct invocation *invocation);
    /* Starts no more work. NULL: what was started cannot be stopped. */
    void (*stop)(struct invocation *invocation);
    /* Fills the response, err or the items of the batch with what is certain; `cut`: work is still
     * in progress. */
    void (*reply)(struct invocation *invocation);
    /* Adds what it has done so far, after reply. NULL: it has nothing to count. */
    void (*measure)(const struct invocation *invocation, struct metric_line *line);
    /* Nothing is in progress. */
    void (*free)(struct invocation *invocation);
};

#endif
