/* For a source that takes its lines from several lists at once, as scan does. Each list has its own
 * positions in the report, and the lists follow one after the other. Serves scan; part of run. */
#ifndef AUDIT_RUN_LISTS_H
#define AUDIT_RUN_LISTS_H

#include "audit/run.h"

struct entrant;
struct job;

/* Adds `count` lists and returns the number of the first; the others follow. After this call no
 * line may be added without a list (run_slot). */
size_t run_lists(struct run *run, size_t count);
/* How far the listings are, for the progress line. */
struct run_listing {
    size_t found;            /* resources */
    size_t finished, places; /* lists, and how many there are */
};
void run_note_listing(struct run *run, const struct run_listing *listing);
/* Are there so many resources in progress, most of them waiting, that each should be small? */
bool run_is_crowded(const struct run *run);
/* Reserves the next position in the list: for a resource that the callback `reserved` gets later,
 * or for one of the calls below. */
size_t run_reserve(struct run *run, size_t list);
/* The list is complete. */
void run_end_list(struct run *run, size_t list);

/* Makes a finding for a target that could not be listed. `place` is a resource with the id "*";
 * takes ownership of it. error as finding_unlisted takes it. */
void run_unlisted(struct run *run, size_t slot, struct resource *target, const json_t *error);
/* The target could be listed: ends the earlier finding, if one was notified. */
void run_listed(struct run *run, const struct policy *policy, const char *account,
                const char *region);
/* Reports a finding that the exception rules cannot be understood, so nothing is changed. Call it
 * before the source ends. */
void run_rules_unreadable(struct run *run, const struct err *err);
/* Adds the gaps in the lines to the report. Call it when no more lines follow, before the report is
 * closed. */
void run_report_missing(struct run *run);
/* A new job (run_job). Makes the type and id of its resource canonical, or records why it cannot
 * (misnamed). Also records whether the line names a target (is_target). If the line is about a
 * target that could not be listed ("id":"*" and "error"), makes its finding. */
struct job *run_named_job(struct run *run, const struct entrant *entrant);
/* Lists the target only to make its finding, and delivers that. */
void run_list_target(struct job *job);
/* A line in which a poll describes its list. */
void run_take_mark(struct run *run, const json_t *mark);
/* The source has ended without a stop: are its lists complete? */
void run_end_lists(struct run *run);
/* A resource whose type no policy has: handled as a bad line (run_note_bad). Takes ownership of
 * it. */
void run_refuse_type(struct run *run, size_t slot, struct resource *resource);
/* A line that is not a resource: logged, counted, and reported. */
void run_note_bad(struct run *run, const char *message);
/* The rules can be understood: ends the earlier finding, if one was notified. */
void run_rules_readable(struct run *run);

#endif
