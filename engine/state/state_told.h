/* Told once: of a resource's findings only what is new or has changed is notified, and once that
 * something is over. What was told stands in STATE_TABLE, an item a resource.
 *
 * Who has something to tell claims the resource first, so that of two processes one tells; then it
 * is notified, and then that is written down. So what dies in between tells twice, and never not at
 * all: repairs, which no other look finds, are written down as begun before their first call
 * (state_begun), as owed with the claim, and told by whichever look comes next. Where the table
 * cannot be read or written, everything is told as without one. Serves run; calls state_table,
 * message. */
#ifndef STATE_STATE_TOLD_H
#define STATE_STATE_TOLD_H

#include "accounts/context.h"

struct state_look {
    const struct resource *resource; /* borrowed until done */
    bool global;                     /* its type has no region */
    json_t *findings;                /* borrowed until done; compliant ones too */
    bool whole;                      /* these are all its checks */
    const json_t *unmade; /* checks whose repair this look saw come to nothing; NULL: none */
    /* A place that was listed for the sake of what is kept of it, and not by a round of polling:
     * where no round has told of it for a week, it is not polled any more, and over. */
    bool asked;
};
/* done from the loop, with the error where something to be told could not be notified. */
void state_told(const struct context *context, const struct state_look *look, message_done done,
                void *arg);

#endif
