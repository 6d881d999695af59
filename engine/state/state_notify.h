/* Sends each notification once: only for new or changed findings of a resource, and once when a
 * finding is over. STATE_TABLE holds what was notified, one item per resource.
 *
 * A process with something to send first claims the resource, so that only one of two processes
 * sends it. Then it sends the notification, and then it records that. If it dies in between, the
 * notification is sent twice, never lost. Repairs, which no later audit finds, are recorded as
 * begun before their first call (state_started) and as owed together with the claim, and the next
 * audit sends their notifications. If the table cannot be read or written, everything is notified,
 * as without a table. Serves run; calls state_table, message. */
#ifndef STATE_STATE_NOTIFY_H
#define STATE_STATE_NOTIFY_H

#include "accounts/context.h"

struct state_look {
    const struct resource *resource; /* borrowed until done */
    bool global;                     /* its type has no region */
    json_t *findings;                /* borrowed until done; compliant ones too */
    bool whole;                      /* these are all its checks */
    const json_t *unmade; /* checks whose repair had no effect, as this audit saw; NULL: none */
    /* A target that was listed only because the table has records of it, and not by a poll: if no
     * poll has reported it for a week, it is no longer polled, and its findings are over. */
    bool asked;
};
/* done is called from the loop, with the error if a notification failed. */
void state_notify(const struct context *context, const struct state_look *look, message_done done,
                  void *arg);

#endif
