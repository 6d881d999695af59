/* Sends identical reads once: the first starts the call, those that come before its response wait
 * for it, and those that come later get the same response. Reads are identical if they have the
 * same account, region, operation and parameters. So types share reads too, whose sessions of an
 * account differ only in what they may read: each session must be permitted to make the read, and
 * one whose policy declares sensitive members shares with no other.
 *
 * A result is kept for five minutes. So is an error: the client has already retried a fault of the
 * service, a garbled response or a lost connection, and each later read would wait as long for
 * nothing. But a resource that is audited again makes such a read once more. Not kept are the
 * errors of throttled calls (only the client's queue decides how long they wait), of credentials,
 * and those which say that there is no response yet, by the codes in `not_yet`.
 *
 * Serves the bindings; calls client. Owned by the host, which outlives all waiters. */
#ifndef AWS_CLIENT_SHARED_READS_H
#define AWS_CLIENT_SHARED_READS_H

#include "aws/client/client.h"

struct shared_reads;
struct shared_reads *shared_reads_new(void);
void shared_reads_free(struct shared_reads *reads); /* no waiter may be left */
/* A new run starts: forget all results, so that they are read again. */
void shared_reads_forget(struct shared_reads *reads);

struct shared_wish {       /* who asks */
    const json_t *not_yet; /* codes of errors that are not kept: an array; NULL: none */
    bool again;            /* for a resource that was audited before, perhaps without a verdict */
};

struct shared_waiter;
/* Like client_start: `done` is called once, from the loop, unless cancelled. Returns NULL and sets
 * err if the call could not be started. */
struct shared_waiter *shared_reads_start(struct shared_reads *reads, struct client *client,
                                         const struct call *call, const struct shared_wish *wish,
                                         struct err *err, client_done done, void *arg);
/* `done` is not called. When no waiter is left, the call itself is cancelled. */
void shared_reads_cancel(struct shared_waiter *waiter);

#endif
