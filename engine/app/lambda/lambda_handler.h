/* One invocation, and what each of the three functions does with it. Serves lambda_invoke and the
 * handlers. */
#ifndef APP_LAMBDA_LAMBDA_HANDLER_H
#define APP_LAMBDA_LAMBDA_HANDLER_H

#include <jansson.h>
#include <stdbool.h>

#include "app/lambda/lambda_runtime.h"
#include "app/services/services.h"

struct lambda_handler;

/* One invocation under way. */
struct invocation {
    struct services *services;
    const struct lambda_handler *handler;
    const struct lambda_event *event;
    json_t *input;
    /* What to answer: an error when its kind says so, else the reply (NULL: null). */
    json_t *reply;
    struct err err;
    void *own; /* the handler's, between start and finish */

    int64_t cut_ms; /* when it must be answered, monotonic; context.stop_ms is earlier */
    struct loop_timer *stop_timer, *cut_timer;
    bool started;
    bool shown; /* messages of a batch that was not begun come again soon */
    bool cut;   /* answered while work was under way: the process must begin anew */
};

struct lambda_handler {
    const char *name; /* of _HANDLER */
    /* Is what the environment says enough? Before the first invocation. */
    int (*check)(const struct settings *settings, struct err *err);
    /* Loads what it works with, once; services_policies or services_events. */
    int (*load)(struct services *services, struct err *err);
    bool runs_plainly; /* needs neither the organization nor the caller's account */
    bool (*needs_caller)(const struct settings *settings);
    /* Begins, and sets own; or sets err. From the loop; the invocation ends when nothing is under
     * way. What follows is called only where own is set. */
    void (*start)(struct invocation *invocation);
    /* Nothing more is to be begun. */
    void (*stop)(struct invocation *invocation);
    /* Time is over, work is under way: fills the reply or err with what is certain. */
    void (*cut)(struct invocation *invocation);
    /* Fills the reply or err, and frees. Nothing is under way. */
    void (*finish)(struct invocation *invocation);
};

#endif
