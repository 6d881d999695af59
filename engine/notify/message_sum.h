/* The daily summary of open findings, as one notification: how many findings of each severity in
 * each account, and the most severe findings one by one, as many as fit. Serves state_sum. */
#ifndef NOTIFY_MESSAGE_SUM_H
#define NOTIFY_MESSAGE_SUM_H

#include <jansson.h>

#include "notify/message.h"

struct message_sum;
struct message_sum *message_sum_new(const char *day);
void message_sum_free(struct message_sum *sum);
/* content: the record of a resource (state_diff.h). */
void message_sum_add(struct message_sum *sum, const json_t *content);
/* done is called at the next turn of the loop if nothing is open. sum must live until the call
 * returns. */
void message_sum_send(struct message *message, const struct message_sum *sum, message_done done,
                      void *arg);

#endif
