/* For a source that takes its lines from several lists at once, as scan does: each list has seats
 * of its own in the report, and the lists stand one after the other. Serves scan; part of run. */
#ifndef AUDIT_RUN_LISTS_H
#define AUDIT_RUN_LISTS_H

#include "audit/run.h"

struct job;

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
/* A finding that the rules of exceptions cannot be understood, so that nothing is changed; in time
 * before the source ends. */
void run_unruled(struct run *run, const struct err *err);
/* Has the report say what the lines lacked; before it is closed, and when nothing more comes. */
void run_tell_missing(struct run *run);
/* Its type and id in the one spelling, or why it has none (misnamed); is it a place? Where the line
 * is about a place that could not be listed ("id":"*" and "error"): its finding. */
void run_name(struct job *job);
/* Lists it for its finding alone, and delivers that. */
void run_list_place(struct job *job);
/* A line of a poll about its list. */
void run_take_mark(struct run *run, const json_t *mark);
/* The source has ended by itself: are its lists whole? */
void run_end_lists(struct run *run);
/* The same of a resource whose type no policy has; it is taken over. */
void run_refuse_type(struct run *run, size_t seat, struct resource *resource);
/* A line that is no resource: logged, counted, and said by the report. */
void run_note_bad(struct run *run, const char *message);
/* They can be: over, where it was told before that they cannot. */
void run_ruled(struct run *run);

#endif
