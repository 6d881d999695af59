/* The calls to STATE_TABLE, and to no other table. Source: Amazon DynamoDB API Reference, GetItem
 * (TableName: a name or an ARN). Serves state. */
#ifndef NOTIFY_MESSAGE_TABLE_H
#define NOTIFY_MESSAGE_TABLE_H

#include <jansson.h>

#include "aws/client/client.h"

struct message;

/* A call to STATE_TABLE; done is called at the next turn of the loop or later. arg is freed if the
 * message is freed before the response. */
enum message_table_call { TABLE_GET, TABLE_PUT, TABLE_UPDATE, TABLE_SCAN };
/* params without TableName; takes ownership. */
void message_table(struct message *message, enum message_table_call call, json_t *params,
                   client_done done, void *arg);

#endif
