#include "notify/message_table.h"

#include <stdio.h>
#include <string.h>

#include "notify/message.h"
#include "notify/message_arn.h"
#include "notify/message_internal.h"

static const char *const operations[] = {
    [TABLE_GET] = "GetItem",
    [TABLE_PUT] = "PutItem",
    [TABLE_UPDATE] = "UpdateItem",
    [TABLE_SCAN] = "Scan",
};

void message_table(struct message *message, enum message_table_call call, json_t *params,
                   client_done done, void *arg)
{
    const char *table = message->settings->state_table;
    char region[64];
    if (message_arn_field(table, 3, region, sizeof region)[0] == '\0')
        snprintf(region, sizeof region, "%s", message_default_region(message));
    json_object_set_new(params, "TableName", json_string(table));
    const struct message_order order = {.region = region,
                                        .service = "dynamodb",
                                        .operation = operations[call],
                                        .params = params,
                                        .done = done,
                                        .arg = arg,
                                        .owns_arg = true};
    message_send(message, &order);
}
