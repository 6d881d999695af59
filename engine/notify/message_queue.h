/* Resource lines to SQS in batches. Source of the limits: Amazon SQS API Reference,
 * SendMessageBatch (10 entries; DelaySeconds 0 to 900, not of one message in a FIFO queue) and
 * Developer Guide, "Amazon SQS message quotas" (a batch of 256 KiB fits queues of any age). Serves
 * poll, translate and run. */
#ifndef NOTIFY_MESSAGE_QUEUE_H
#define NOTIFY_MESSAGE_QUEUE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "notify/message.h"

struct message_queue;

/* Sends resource lines to a queue, in batches of 10 and below the size limit. An item that fails is
 * retried alone; if it is lost, err of done says how many were lost. */
struct message_queue *message_queue_open(struct message *message, const char *url_or_arn,
                                         struct err *err);
/* Amazon SQS Developer Guide, "delay queues" */
#define MESSAGE_MAX_DELAY_S 900
/* delay_s: at most MESSAGE_MAX_DELAY_S; a larger value is reduced to it. 0: the queue's own
 * delay. */
void message_queue_put(struct message_queue *queue, const json_t *line, int delay_s);
/* Sends what is left; done is called when every line is delivered (or lost). Frees the queue. */
void message_queue_close(struct message_queue *queue, message_done done, void *arg);
/* Too many batches wait: the caller should pause. */
bool message_queue_full(const struct message_queue *queue);

#endif
