/* Reads that many ask alike, sent once: the first starts the call, those who come meanwhile wait
 * for the same answer, and those who come later are told it again. "Alike" is: the same session
 * (so the same signer, and the same members redacted), region, operation and parameters.
 *
 * A result is kept, and so is an error that the same request would meet again (a refusal, "there is
 * none"). What may pass (a throttle, a fault of the service, no answer) is told to those who wait
 * for it and not kept: the next one asks anew.
 *
 * Serves the bindings; calls client. Owned by the host, which outlives all waiters. */
#ifndef AWS_CLIENT_SHARED_READS_H
#define AWS_CLIENT_SHARED_READS_H

#include "aws/client/client.h"

struct shared_reads;
struct shared_reads *shared_reads_new(void);
void shared_reads_free(struct shared_reads *reads); /* NULL is allowed; nobody waits any more */
/* Another run begins: what was answered is asked anew. */
void shared_reads_forget(struct shared_reads *reads);

struct shared_waiter;
/* As client_start: `done` is called once, from the loop, unless cancelled; NULL with err where the
 * call could not be started. */
struct shared_waiter *shared_reads_start(struct shared_reads *reads, struct client *client,
                                         const struct call *call, struct err *err, client_done done,
                                         void *arg);
/* Done is not called. The call itself is cancelled with the last who waits for it. */
void shared_reads_cancel(struct shared_waiter *waiter);

#endif
