/* Spreads polling over many invocations through the poller's own queue. Each account becomes
 * messages for its targets; the organization becomes, page by page, messages of accounts:
 *
 *   {"type":"poll-accounts","accounts":["111122223333",…],"attempt":0}
 *   {"type":"poll-accounts","parents":["ou-…",…],"units":["ou-…",…],"inner":false,"token":"…",
 *    "attempt":0}
 *
 * With REGIONS=all, each account first becomes a message of its own, which lambda_account.h turns
 * into places. The second message says where another invocation continues the listing, if the time
 * of one is not enough or AWS throttles. So no invocation keeps more than a page of accounts and
 * the messages that wait to be sent, and no message contains more than a thousand accounts.
 *
 * Serves lambda_fan_out and lambda_units; calls accounts, organization_walk, poll and
 * lambda_account. */
#ifndef APP_LAMBDA_LAMBDA_SPREAD_H
#define APP_LAMBDA_LAMBDA_SPREAD_H

#include "app/services/services.h"

struct spread;
/* The queue has accepted all messages; otherwise *err says what went wrong. */
typedef void (*spread_done)(void *arg, const struct err *err);

bool spread_is_message(const json_t *message);
/* For such a message; NULL: for all accounts that the settings name. NULL with *err if it cannot
 * start. Borrows only the services. */
struct spread *spread_new(struct services *services, const json_t *message, struct err *err,
                          spread_done done, void *arg);
void spread_free(struct spread *spread);
/* Call it from the loop. */
void spread_start(struct spread *spread);
/* Before it is done, started or not: requeues what is left. cut_ms: when the invocation ends, on
 * the monotonic clock; if a page of accounts has not come in half of the time until then, it is
 * given up. */
void spread_stop(struct spread *spread, int64_t cut_ms);
/* {"places":96}; with the number of accounts that it listed, {"places":0,"accounts":480}; and
 * "left":true if another invocation continues. New. */
json_t *spread_tally(const struct spread *spread);

#endif
