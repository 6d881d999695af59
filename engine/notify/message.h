/* The engine's own messages: findings to SNS, EventBridge and Security Hub, resource lines to SQS,
 * items to DynamoDB, reports, plans and journals to S3. The only file that may use PERMIT_MESSAGE.
 * Serves run, poll, translate. Queues are named by URL or ARN, which contains the region and
 * account; the endpoint is that of the region (or the override). */
#ifndef NOTIFY_MESSAGE_H
#define NOTIFY_MESSAGE_H

#include "aws/client/client.h"
#include "aws/creds/creds.h"
#include "base/err.h"
#include "settings/settings.h"

struct message_order;
struct message_part;

struct message;
/* `provider` supplies the engine's own credentials. Only Security Hub is called with those of a
 * member role. */
struct message *message_new(struct client *client, struct creds_provider *provider,
                            const struct settings *settings);
void message_free(struct message *message);

typedef void (*message_done)(void *arg, const struct err *err);

/* Account of the caller (STS GetCallerIdentity), requested once. Borrowed until message_free. */
typedef void (*message_caller)(void *arg, const char *account, const char *arn,
                               const struct err *err);
void message_whoami(struct message *message, const char *region, message_caller done, void *arg);
/* Calls back at once everyone who still waits for the caller, with ERR_TIMEOUT. */
void message_whoami_give_up(struct message *message);

/* For the files of this room: starts a call; message_free cancels it. */
void message_send(struct message *message, const struct message_order *order);
/* From now on the message drops the part when it is freed, unless the part was released before. */
void message_hold(struct message *message, struct message_part *part);
void message_release(struct message_part *part);

#endif
