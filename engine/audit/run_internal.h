/* Shared by run's own files: run.c keeps resources moving, run_later.c delays or requeues them,
 * run_deliver.c delivers findings, run_plan.c decides what to repair, run_lists.c checks that the
 * lines were complete, run_entry.c makes one finding of an account that cannot be entered,
 * run_lanes.c limits how many are in progress, run_again.c retries resources that could not be
 * determined. */
#ifndef AUDIT_RUN_INTERNAL_H
#define AUDIT_RUN_INTERNAL_H

#include "accounts/trust_record.h"
#include "audit/run_lists.h"
#include "base/order.h"
#include "base/seen.h"

#define RUN_MAX_ATTEMPTS 12

/* One resource in progress. */
struct job {
    struct run *run;
    struct resource *resource;
    const struct policy *policy;
    struct scope scope;
    struct trust_record trust; /* for a plan */
    size_t slot;               /* position in the report */
    bool reported;
    size_t compliant; /* number of checks that are only counted */
    json_t *findings;
    json_t *previous;     /* findings of the previous audit, some of them pending; or NULL */
    int waited_s;         /* for --wait */
    struct err *misnamed; /* its id does not match the line: no call is made about it */
    json_t *listed;       /* what a listing said, for the audit in progress; or NULL */
    bool audited;         /* its first audit was started */
    bool is_target;       /* its line names a target to be listed ("id":"*" without "error") */
    bool again;           /* deliver it again, if the source can */
    bool put_back;        /* its line is in the queue for a later audit */
    bool resent;          /* as put_back, since nothing could be determined: notified later */
    bool second;          /* this is the second audit, at the end of the run */
    bool revisited;       /* SQS_QUEUE has lines for checks whose verdict will change with time */
    struct lane *lane;    /* where it counts as in progress; NULL: nowhere */
    int64_t entered_ms;   /* since when (monotonic) */

    struct job *next_job, **job_link; /* all active jobs */

    /* While it waits. */
    struct loop_timer *timer;
    loop_fn then;
    struct job *next_waiting, **link;

    struct job *next_of_resource; /* the next job of the same resource, not started yet */
};

enum run_turn { TURN_NOW, TURN_LATER, TURN_NEVER };

/* What run.c does with a job or a run, for use by the files that it calls. */
struct run_pump {
    /* There is room for more resources, or none are left. */
    void (*go_on)(struct run *run);
    /* Takes more resources from the source, as long as there is room. */
    void (*pull)(struct run *run);
    loop_fn restart_audit; /* arg is a job */
    loop_fn deliver;       /* arg is a job */
};

struct run {
    struct run_options options;
    const struct run_pump *pump;
    struct source source;
    bool pulling; /* a response of the source is outstanding */
    bool ended;
    size_t active;
    size_t most; /* maximum number of resources in progress */
    size_t finished;
    bool all_found; /* to_come more resources come from the source, and no others */
    size_t to_come;
    size_t listed, unlisted;    /* places of a scan: completely, and not */
    struct run_listing listing; /* all zero: the lines come from elsewhere */
    /* {"accounts":{},"regions":{},"types":{}}: their names, as keys; for a type, was the master
     * region one of the ids. And the account and region of the last line, or NULL. */
    json_t *looked_at;
    const char *last_account, *last_region;
    json_t *resource_queues; /* by resource: its last job */
    struct seen *seen;       /* resources that the plan has */
    struct order *order;     /* of the report */
    size_t lines;            /* the group of positions for the lines */
    size_t open_slots;       /* positions reserved and not answered */
    size_t unnotified;       /* notifications that failed */
    json_t *unnotified_why;  /* {message: how many more failed in the same way} */
    struct job *jobs;        /* active */
    struct job *waiting;     /* up to a limit they do not count as in progress */
    size_t waiting_count;
    struct job *put_off, **put_off_tail; /* until the end of the run */
    size_t put_off_count, seconds;       /* waiting; second audits in progress */
    size_t hopeless;                     /* second audits in a row with no new result */
    size_t waiting_for_resource;         /* jobs that wait for another job of the same resource */
    struct lane *lanes;
    struct lane *parking; /* those with parked lines */
    json_t *lane_index;
    struct entries *entries; /* accounts that can be entered, and that cannot */
    size_t parked_count;     /* lines that wait for room in their lane */
    size_t parked_bytes;     /* of memory that these take */
    enum { RUN_FRESH, RUN_PREPARING, RUN_PREPARED } readiness;
    struct early_session *early; /* of the first resource, or NULL */
    bool stopped;                /* no more waiting */
    int status;
    size_t lists_started, lists_ended; /* of polls, according to the lines */
    bool source_ended;                 /* without an error or a stop */
    size_t bad;                        /* lines that are not resources */
    char *first_bad;                   /* why the first of them is not one */
    loop_fn done;
    void *done_arg;
};

#endif
