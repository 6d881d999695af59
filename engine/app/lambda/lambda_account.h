/* Sends the places of one account in all regions that are enabled there (REGIONS=all): asks the
 * account for them, and puts a message for each place into the poller's own queue. If the request
 * fails temporarily, the message of the account is requeued, with one more attempt. If it is
 * refused, or has had enough attempts, the places in regions become lines for findings, and the
 * global types are polled. An account that cannot be entered becomes one line. Serves
 * lambda_spread; calls enabled_regions and poll. */
#ifndef APP_LAMBDA_LAMBDA_ACCOUNT_H
#define APP_LAMBDA_LAMBDA_ACCOUNT_H

#include "app/services/services.h"
#include "notify/message_queue.h"

struct account_places;
/* Borrows all but `account`. `attempt`: how many there were before. */
struct account_places *account_places_new(struct services *services, struct message_queue *queue,
                                          const char *account, int attempt);
void account_places_free(struct account_places *places); /* NULL is allowed */
/* Calls done once; not before this function has returned. *err: what is not in a queue. */
void account_places_start(struct account_places *places, message_done done, void *arg);
/* How many places were sent. */
size_t account_places_sent(const struct account_places *places);

#endif
