/* Shared by run's own files: run.c keeps resources moving, run_later.c has them wait or come again,
 * run_deliver.c brings findings to those who wait for them, run_plan.c decides what is to be
 * repaired, run_lists.c knows whether the lines were all there, run_lanes.c how many are in work,
 * run_again.c what is looked at again because it was not told. */
#ifndef AUDIT_RUN_INTERNAL_H
#define AUDIT_RUN_INTERNAL_H

#include "accounts/trust_record.h"
#include "audit/run_lists.h"
#include "base/order.h"
#include "base/seen.h"

#define RUN_MAX_ATTEMPTS 12

/* One resource on its way. */
struct job {
    struct run *run;
    struct resource *resource;
    const struct policy *policy;
    struct scope scope;
    struct trust_record trust; /* of a plan */
    size_t seat;               /* in the report */
    bool reported;
    size_t compliant; /* checks that are only counted */
    json_t *findings;
    json_t *told;         /* findings of the look before, of which some were pending; or NULL */
    int waited_s;         /* of --wait */
    struct err *misnamed; /* its id cannot be what the line says: nothing is asked about it */
    bool is_place;        /* it asks whether a place can be listed ("id":"*" without "error") */
    bool again;           /* should come again, where the source can */
    bool put_back;        /* its line is in the queue of those that are looked at again later */
    bool resent;          /* the same, because nothing could be told: that is told then */
    bool second;          /* looked at once more at the end of the run */
    bool revisited;       /* SQS_QUEUE has lines for checks that will judge anew */
    struct lane *lane;    /* where it takes room; NULL: it does not */
    struct job *next_parked;

    struct job *next_job, **job_link; /* of all that are active */

    /* While it waits. */
    struct loop_timer *timer;
    loop_fn then;
    struct job *next_waiting, **place;

    struct job *next_in_row; /* the next one of the same resource, not begun yet */
};

enum run_turn { TURN_NOW, TURN_LATER, TURN_NEVER };

/* What run.c does with a job or a run, for the files that it calls. */
struct run_pump {
    /* There is room for others, or nothing left. */
    void (*go_on)(struct run *run);
    /* Takes further resources from the source, as far as there is room. */
    void (*pull)(struct run *run);
    loop_fn audit_anew; /* of a job */
    loop_fn deliver;    /* the same */
};

struct run {
    struct run_options options;
    const struct run_pump *pump;
    struct source source;
    bool pulling; /* an answer of the source is outstanding */
    bool ended;
    size_t active;
    size_t most; /* resources at a time */
    size_t finished;
    json_t *types;       /* that came: whether the master region was one of the ids */
    json_t *turns;       /* by resource: the last job of it */
    struct seen *seen;   /* resources that the plan has */
    struct order *order; /* of the report */
    size_t lines;        /* the group of places that the lines have */
    size_t open_seats;   /* places taken and not answered */
    size_t untold;       /* notifications that were not taken */
    struct job *jobs;    /* active */
    struct job *waiting; /* they take no place from others, up to a limit */
    size_t waiting_count;
    struct job *put_off, **put_off_tail; /* until the end of the run */
    size_t put_off_count, seconds;       /* waiting; looked at once more by now */
    size_t hopeless;                     /* of these, in a row, that told no more */
    size_t in_rows;                      /* jobs that wait for one of the same resource */
    struct lane *lanes;
    json_t *lane_index;
    size_t parked_count; /* jobs that wait for room in their lane */
    enum { RUN_FRESH, RUN_PREPARING, RUN_PREPARED } readiness;
    bool stopped; /* nothing is waited for any more */
    int status;
    size_t lists_begun, lists_ended; /* of polls, as the lines say */
    bool source_ended;               /* by itself */
    size_t bad;                      /* lines that are no resources */
    char *first_bad;                 /* why the first of them is none */
    loop_fn done;
    void *done_arg;
};

/* New array of findings of an outcome, marked "planned", "available", "held" … as the mode says.
 * *compliant: how many checks the report only counts. */
json_t *run_findings(const struct run *run, const struct policy *policy,
                     const struct resource *resource, const json_t *outcome, size_t *compliant);
/* All checks unknown: nothing could be told. */
json_t *run_findings_unknown(const struct run *run, const struct policy *policy,
                             const struct resource *resource, const struct err *err);
/* For audit_options: are fixes asked for, and (arg is the job) of which checks. Neither what is
 * left alone nor what may have to be, nor what is not admitted is fixed: the fixes of other checks
 * must not build on it. */
bool run_wants_fixes(const struct run *run);
/* The doors of the job's policy; of a plan they record whom it trusts. */
int run_scope(struct job *job, struct err *err);
bool run_may_fix(void *arg, const struct audit_asked *asked);
/* Delivers the job's findings as run_deliver does, and takes note of what was not delivered. */
void run_deliver_job(struct job *job, loop_fn done);
/* A notification was not taken. */
void run_note_untold(struct run *run, const struct err *err);
/* The order of the run's report. */
struct order *run_order(struct run *run);
/* What was found of the line that has this place, once; NULL: nothing. */
void run_report(struct run *run, size_t place, const struct resource *resource, size_t compliant,
                const json_t *findings);

/* Its type and id in the one spelling, or why it has none (misnamed); is it a place? Where the line
 * is about a place that could not be listed ("id":"*" and "error"): its finding. */
void run_name(struct job *job);
/* Lists it for its finding alone, and delivers that. */
void run_list_place(struct job *job);
/* A line of a poll about its list. */
void run_take_mark(struct run *run, const json_t *mark);
/* The source has ended by itself: are its lists whole? */
void run_end_lists(struct run *run);
/* A line that is no resource: logged, counted, and said by the report. */
void run_note_bad(struct run *run, const char *message);
/* Into the list of those that are active, and out of it. */
void run_link(struct job *job);
void run_unlink(struct job *job);
/* Nothing is left to wait for: who has no answer gets that for an answer. */
void run_answer_all(struct run *run);
void run_free_jobs(struct run *run);
/* Whether this resource may be looked at now, or when the job before it gives the turn to it, or
 * not at all, because the plan holds it already. */
enum run_turn run_take_turn(struct job *job);
/* To be called when a job is finished; whose turn it is then, or NULL. */
struct job *run_give_turn(struct job *job);

/* Calls `then` after delay_s, as far as --wait allows; false when it does not. When the run is
 * stopped meanwhile, `then` comes at once. */
bool run_wait(struct job *job, int delay_s, loop_fn then);
/* Ends all waiting. */
void run_wake(struct run *run);
/* May this resource be looked at once more? Not beyond 12 attempts. */
bool run_may_repeat(const struct job *job);
/* Seconds until the job's pending findings should be looked at again; 0: none is pending. */
int run_put_off(const struct job *job);
/* What was settled by the look before stays as it was told then. */
void run_keep_told(struct job *job);
/* Sends the line of a job with pending findings to SQS_QUEUE, when there is one; `then` when the
 * queue has it. What the queue does not take, or came too often, is said by the findings. */
void run_put_back(struct job *job, int delay_s, loop_fn then);

/* The line as it came, one attempt older where that counts; its own delay is over, the queue's
 * begins. New. */
json_t *run_next_line(const struct resource *resource, bool counted);

/* For checks that will judge anew after some time: `audit` when that was waited for (--wait), or
 * `then` when SQS_QUEUE has a line for each of them. False: nobody looks again, or all of the
 * resource comes again anyway. */
bool run_revisit(struct job *job, loop_fn audit, loop_fn then);
/* The one check that the line asks for; NULL: all of them. */
const char *run_only_check(const struct job *job);

/* In run_off.c. */
void run_note_type(struct run *run, const struct policy *policy, const struct resource *resource);
/* Sends the line, an attempt older where that counts; `then` when the queue has it or not. */
void run_send_line(struct job *job, int delay_s, bool counted, loop_fn then);

/* May further lines be taken? */
bool run_may_pull(const struct run *run);
/* May it be looked at now? Otherwise run_next_parked hands it out when there is room. */
bool run_enter(struct job *job);
void run_leave(struct job *job);
struct job *run_next_parked(struct run *run);
void run_free_lanes(struct run *run);

/* Nothing could be told, or not all be done, for a reason that may pass, and the source can have
 * the resource come again. */
bool run_should_come_again(const struct job *job);
/* Keeps a job that was not told for a reason that may pass until the rest is done; false when it is
 * to be delivered as it is. */
bool run_put_off_to_the_end(struct job *job);
/* Something is planned, and not to be looked at anew before. */
bool run_is_to_be_repaired(const struct job *job);
/* Looks at those, a few at a time, once the rest is done. */
void run_look_again(struct run *run);
/* Sends the line of a job that was not told to SQS_QUEUE, so that it does not come again by the
 * queue's own count of receives; false where there is no such queue, or it came too often. */
bool run_send_again(struct job *job, loop_fn then);

/* The same for one that was not begun in time. */
bool run_send_unbegun(struct job *job, loop_fn then);

void run_show_progress(struct run *run);

#endif
