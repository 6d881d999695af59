/* Queues of calls that wait for their turn: one queue for each account, region and service (EC2
 * limits each operation separately), each with a pacer. A waiting call does not count as in flight.
 * The queues that may send take turns, so that a long queue does not delay the others.
 *
 * Serves client_call.c, which decides what to do with a call whose turn has come. */
#ifndef AWS_CLIENT_CLIENT_PACE_H
#define AWS_CLIENT_CLIENT_PACE_H

#include "aws/client/client_internal.h"

/* What a queue does with a call. Set by client_call.c, which is in the layer above. */
struct pace_uses {
    /* Sends the call, or reports the failure from the loop. */
    void (*launch)(struct client_call *call);
    /* Fetches credentials, then queues the call. */
    void (*fetch_creds)(struct client_call *call);
    /* Reports call->failure from the loop. */
    void (*fail_soon)(struct client_call *call);
};

/* Queues the call. It is launched by this function or later. */
void pace_wait(struct client_call *call);
/* The call will not be sent, or its response is no longer needed. */
void pace_leave(struct client_call *call);
/* Reports the outcome of a call that was launched. */
void pace_answered(struct client_call *call, enum pacer_outcome outcome, int64_t asked_ms);
/* Queues a throttled call again. Returns false if another attempt is hopeless; err may then explain
 * more. */
bool pace_again(struct client_call *call, struct err *err);
/* Launches the calls whose turn has come, as far as `max_in_flight` allows. */
void pace_dispatch(struct client *client);

/* Implement client_hurry, client_renew and client_is_slow for all queues. */
void pace_hurry(struct client *client);
void pace_renew(struct client *client);
bool pace_is_slow(const struct client *client);

#endif
