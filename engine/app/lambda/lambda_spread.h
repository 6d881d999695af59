/* Hands on what is to be polled, through the poller's own queue: each account as messages of its
 * places, and the organization, page by page, as messages of accounts:
 *
 *   {"type":"poll-accounts","accounts":["111122223333",…],"attempt":0}
 *   {"type":"poll-accounts","parents":["ou-…",…],"units":["ou-…",…],"inner":false,"token":"…",
 *    "attempt":0}
 *
 * The second says where the listing goes on in another invocation, when the time of one does not
 * suffice or AWS throttles. So no invocation holds more than a page of accounts and what waits to
 * be sent, and no message more than a thousand accounts.
 *
 * Serves lambda_fan_out and lambda_units; calls accounts, organization_walk and poll. */
#ifndef APP_LAMBDA_LAMBDA_SPREAD_H
#define APP_LAMBDA_LAMBDA_SPREAD_H

#include "app/services/services.h"

struct spread;
/* All that it handed on was taken by the queue; *err says what went wrong otherwise. */
typedef void (*spread_done)(void *arg, const struct err *err);

bool spread_is_message(const json_t *message);
/* Of such a message; NULL: of all accounts that the settings name. NULL with *err where it cannot
 * begin. Borrows nothing but the services. */
struct spread *spread_new(struct services *services, const json_t *message, spread_done done,
                          void *arg, struct err *err);
void spread_free(struct spread *spread);
/* From the loop. */
void spread_start(struct spread *spread);
/* Before it is done, begun or not: hands on what is left as it is. */
void spread_stop(struct spread *spread);
/* {"places":96}; with what it listed, {"places":0,"accounts":480}; and "left":true where it goes
 * on in another invocation. New. */
json_t *spread_tally(const struct spread *spread);

#endif
