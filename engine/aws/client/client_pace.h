/* Calls that wait for their turn: a queue for each account, region and service (EC2 counts each
 * operation by itself), each with a pacer. What waits here takes no place on the wire from others.
 * The queues that may send take turns, so that a long one does not hold up the rest.
 *
 * Serves client_call.c, which says what to do with a call whose turn has come. */
#ifndef AWS_CLIENT_CLIENT_PACE_H
#define AWS_CLIENT_CLIENT_PACE_H

#include "aws/client/client_internal.h"

/* What a queue has done with a call. Given by client_call.c, which stands above. */
struct pace_uses {
    /* Sends it, or reports the failure from the loop. */
    void (*launch)(struct client_call *call);
    /* Fetches credentials, then has it wait for its turn. */
    void (*seek_creds)(struct client_call *call);
    /* Reports call->failure from the loop. */
    void (*fail_soon)(struct client_call *call);
};

/* Has the call wait for its turn; it is launched from here or later. */
void pace_wait(struct client_call *call);
/* The call is not sent, or not answered any more. */
void pace_leave(struct client_call *call);
/* How a call fared that was launched. */
void pace_answered(struct client_call *call, enum pacer_outcome outcome, int64_t asked_ms);
/* A throttled call waits for another turn; false when that has no hope, and err may say more. */
bool pace_again(struct client_call *call, struct err *err);
/* Launches what may be sent, as far as there is room on the wire. */
void pace_dispatch(struct client *client);

/* client_hurry, client_renew and client_is_slow, for all queues. */
void pace_hurry(struct client *client);
void pace_renew(struct client *client);
bool pace_is_slow(const struct client *client);

#endif
