/* Shared by run's own files: run.c keeps resources moving, run_deliver.c brings findings to those
 * who wait for them, run_plan.c decides what is to be repaired. */
#ifndef WORK_RUN_INTERNAL_H
#define WORK_RUN_INTERNAL_H

#include "work/run.h"

struct run {
    struct run_options options;
    struct source source;
    bool pulling; /* an answer of the source is outstanding */
    bool ended;
    size_t active;
    size_t most; /* resources at a time */
    size_t finished;
    int status;
    loop_fn done;
    void *done_arg;
};

/* New array of findings of an outcome, marked "planned", "available", "held" … as the mode says. */
json_t *run_findings(const struct run *run, const struct policy *policy,
                     const struct resource *resource, const json_t *outcome);

#endif
