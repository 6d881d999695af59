/* Requests many resources in one call. Reads that differ only in the requested id gather until the
 * loop has nothing else to do, or until there are as many as one call may request. One call then
 * requests all of them, and each read gets its part of the response, as if it had been sent alone.
 *
 * If the call fails with a code that a read lists as "there is none", and the message names its id
 * in quotation marks, that read gets the error, and one more call requests the others. If the call
 * fails because of the ids in another way (it names none of them, access is denied), they are
 * requested in smaller calls, in the end alone, so that each read gets its own error. A response
 * that cannot be divided with certainty is not used: each id is requested alone, and so is an id
 * that the response does not mention. A transient error (a throttle, a fault of the service, no
 * response) is the error of all reads.
 *
 * Serves the bindings; calls client. Owned by the host, which outlives all waiters. */
#ifndef AWS_CLIENT_GATHERED_READS_H
#define AWS_CLIENT_GATHERED_READS_H

#include "aws/client/client.h"

struct gathered_read {
    struct call call; /* with the parameters except the list of ids; NULL: none */
    const char *list; /* the parameter with the ids ("InstanceIds") */
    const char *id;
    const json_t *gone; /* the codes of errors which mean that there is no such id; NULL: none */
    size_t most;        /* maximum number of ids in one call */
    bool alone;         /* send it at once, with this id only */
};

struct gathered_reads;
struct gathered_reads *gathered_reads_new(void);
void gathered_reads_free(struct gathered_reads *reads); /* NULL is allowed; no waiter may be left */

struct gathered_waiter;
/* Copies everything that `read` points to. `done` is called as that of client_start. This function
 * never fails. */
struct gathered_waiter *gathered_reads_start(struct gathered_reads *reads, struct client *client,
                                             const struct gathered_read *read, client_done done,
                                             void *arg);
/* `done` is not called. When no waiter is left, the call itself is cancelled. */
void gathered_reads_cancel(struct gathered_waiter *waiter);

#endif
