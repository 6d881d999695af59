/* The engine's own messages: findings to SNS, resource lines to SQS, items to DynamoDB. The only
 * file that may say PERMIT_MESSAGE. Serves run, poll, translate. Queue URLs or ARNs are taken;
 * region and account are read from them; the endpoint follows the region (or the override). */
#ifndef NOTIFY_MESSAGE_H
#define NOTIFY_MESSAGE_H

#include <jansson.h>
#include <stdbool.h>

#include "aws/client/client.h"
#include "base/err.h"
#include "policy/resource.h"
#include "settings/settings.h"

struct message;
/* `provider` are the engine's own credentials (never a member role's). */
struct message *message_new(struct client *client, struct creds_provider *provider,
                            const struct settings *settings);
void message_free(struct message *message);

typedef void (*message_done)(void *arg, const struct err *err);

/* Notifies NOTIFICATION_TOPIC of a finding: subject printable ASCII under 100 characters, shortened
 * at the end, never lost; body with Account, Region, Resource type, Identifier, description and the
 * resource line, at most 256 KiB (evidence cut first); message attributes account, type, check,
 * severity, status ("resolved" for what was repaired, or is right or gone by now) and remediation.
 * done at the next turn when there is no topic. */
void message_finding(struct message *message, const struct resource *resource,
                     const json_t *finding, message_done done, void *arg);

/* Resource lines to a queue, in batches of 10 and under the size limit; each item's failure is
 * retried alone, then told by done's err with the count that was lost. */
/* A call to STATE_TABLE; done at the next turn or later. arg is freed where the message goes away
 * before the answer. */
enum message_table_call { TABLE_GET, TABLE_PUT, TABLE_UPDATE, TABLE_SCAN };
/* params without TableName; taken over. */
void message_table(struct message *message, enum message_table_call call, json_t *params,
                   client_done done, void *arg);

struct message_queue;
struct message_queue *message_queue_open(struct message *message, const char *url_or_arn,
                                         struct err *err);
/* Amazon SQS Developer Guide, "delay queues" */
#define MESSAGE_MAX_DELAY_S 900
/* delay_s: cut to MESSAGE_MAX_DELAY_S; 0 for the queue's own delay. */
void message_queue_put(struct message_queue *queue, const json_t *line, int delay_s);
/* Sends what is left; done when every line is delivered (or lost). Frees. */
void message_queue_close(struct message_queue *queue, message_done done, void *arg);
/* More than this many batches wait: the caller should pause. */
bool message_queue_full(const struct message_queue *queue);

/* Has messages that were received from a queue come again by a time-out of their own. `entries`
 * (taken over) have Id, ReceiptHandle and VisibilityTimeout. What is refused is a warning: it comes
 * again by the time-out of the queue. */
void message_show_later(struct message *message, const char *url_or_arn, json_t *entries);

/* Account of the caller (STS GetCallerIdentity), once. Borrowed until message_free. */
typedef void (*message_caller)(void *arg, const char *account, const char *arn,
                               const struct err *err);
void message_whoami(struct message *message, const char *region, message_caller done, void *arg);
/* Who still waits for the caller is told at once that it was given up (ERR_TIMEOUT). */
void message_whoami_give_up(struct message *message);

#endif
