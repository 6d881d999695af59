/* The day's sum of what is open, as one notification: how much of which severity in which account,
 * and the worst of it one by one, as much as a notification holds. Serves state_sum. */
#ifndef NOTIFY_MESSAGE_SUM_H
#define NOTIFY_MESSAGE_SUM_H

#include <jansson.h>

#include "notify/message.h"

struct message_sum;
struct message_sum *message_sum_new(const char *day);
void message_sum_free(struct message_sum *sum);
/* content: what is kept of a resource (state_diff.h). */
void message_sum_add(struct message_sum *sum, const json_t *content);
/* done at the next turn where nothing is open. sum must live until the call returns. */
void message_sum_send(struct message *message, const struct message_sum *sum, message_done done,
                      void *arg);

#endif
