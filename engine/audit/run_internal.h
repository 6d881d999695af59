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

#endif
