/* For a source that takes its lines from several lists at once, as scan does: each list has seats
 * of its own in the report, and the lists stand one after the other. Serves scan; part of run. */
#ifndef AUDIT_RUN_LISTS_H
#define AUDIT_RUN_LISTS_H

#include "audit/run.h"

/* `count` new lists; the number of the first, the others follow. No line without a list (run_place)
 * comes after them. */
size_t run_lists(struct run *run, size_t count);
/* The next seat in the list: for a resource that the target's `seated` gets later, or for one of
 * the calls below. */
size_t run_seat(struct run *run, size_t list);
/* Nothing more is found in the list. */
void run_end_list(struct run *run, size_t list);

/* A place that could not be listed becomes a finding. `place` is a resource with the id "*", which
 * is taken over; error as finding_unlisted takes it. */
void run_unlisted(struct run *run, size_t seat, struct resource *place, const json_t *error);
/* One that could be: over, where it was told before that it could not. */
void run_listed(struct run *run, const struct policy *policy, const char *account,
                const char *region);
/* Nothing is told at this seat. */
void run_no_answer(struct run *run, size_t seat);

#endif
