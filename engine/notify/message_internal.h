/* The layout of the sender, and of one call by it, for the files of this room alone. All calls in
 * progress belong to the message and end with it. */
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

/* What another file keeps of a message, and loses with it: stands first in a layout of that file's
 * own. */
struct message_part {
    void (*drop)(struct message_part *part); /* releases and frees it */
    struct message_part *next, **place;
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
    struct message_call *calls; /* under way */
    struct message_part *parts;

    char *account, *arn; /* of the caller, once known */
    struct message_waiter *waiters;
    struct loop_timer *telling;
};

/* One call with the engine's own credentials. done is called once, from the loop, whatever happens,
 * unless the message is freed before. */
struct message_order {
    const char *region, *service, *operation;
    json_t *params; /* taken over; NULL: none */
    int64_t delay_ms;
    client_done done;
    void *arg;
    bool owns_arg; /* arg is freed when the message goes away before the answer */
};

#endif
