/* The layout of the sender and of one call, only for the files of this room. All calls in progress
 * belong to the message and end with it. */
#ifndef NOTIFY_MESSAGE_INTERNAL_H
#define NOTIFY_MESSAGE_INTERNAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "aws/client/client.h"
#include "net/loop/loop.h"
#include "notify/message.h"
#include "settings/settings.h"

struct message_call;

/* State that another file keeps for a message and that ends with it: must be the first member of
 * that file's own struct. */
struct message_part {
    void (*drop)(struct message_part *part); /* releases and frees the part */
    struct message_part *next, **link;
};

struct message_waiter {
    message_caller done;
    void *arg;
    struct message_waiter *next;
};

struct message {
    struct client *client;
    struct loop *loop;
    const struct settings *settings;
    struct session session;
    struct message_call *calls; /* in progress */
    struct message_part *parts;
    struct message_batch *bus; /* events for EVENT_BUS; NULL: none yet */

    char *account, *arn; /* of the caller, after it is known */
    struct message_waiter *waiters;
    struct loop_timer *answering;
};

/* One call. done is called once, from the loop, in every case, unless the message is freed
 * before. */
struct message_order {
    const char *region, *service, *operation;
    const char *account;                /* borrowed until done; NULL: the engine's own */
    struct creds_provider *provider;    /* borrowed until done; NULL: the engine's own */
    json_t *params;                     /* takes ownership; NULL: none */
    const struct call_payload *payload; /* see client_call.h */
    bool repeatable;
    int64_t delay_ms;
    client_done done;
    void *arg;
    bool owns_arg; /* arg is freed if the message is freed before the response */
};

#endif
