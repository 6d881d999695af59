/* message's own: how its files send. Everything under way hangs on the message and ends with it. */
#ifndef NOTIFY_MESSAGE_INTERNAL_H
#define NOTIFY_MESSAGE_INTERNAL_H

#include "notify/message.h"

struct message_call;
struct message_queue;

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
    struct message_queue *queues;

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
void message_send(struct message *message, const struct message_order *order);

#define MESSAGE_BODY_MAX (256u * 1024)

/* A notification, to be cut to what SNS takes: the subject is. */
struct message_notice {
    const char *subject;
    const char *body;   /* at most MESSAGE_BODY_MAX with the attributes */
    const char *group;  /* of a FIFO topic: what stays in order */
    json_t *attributes; /* texts by name, taken over; those that are empty are left out */
};
/* As message_finding; without a body nothing is sent. */
void message_publish(struct message *message, const struct message_notice *notice,
                     message_done done, void *arg);

/* Field `number` (from 0) of "arn:partition:service:region:account:resource" in `out`; "" when the
 * text is no ARN or the field is too long. */
const char *message_arn_field(const char *arn, int number, char *out, size_t size);
/* The region that nothing else names. */
const char *message_home(const struct message *message);

/* "https://sqs.us-east-1.amazonaws.com/1111…/name" of a queue's URL or ARN, new; *region of it. */
char *message_queue_url(struct message *message, const char *url_or_arn, char region[64],
                        struct err *err);
/* Frees a queue whose message goes away. */
void message_queue_abandon(struct message_queue *queue);

#endif
