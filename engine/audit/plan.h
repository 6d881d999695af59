/* A plan: the exact calls that repairs would make, as findings with steps, one JSON object per line
 * (the output of `engine plan`). This file reads a plan and applies it. Serves app/; calls gate,
 * and run to deliver findings. */
#ifndef AUDIT_PLAN_H
#define AUDIT_PLAN_H

#include <jansson.h>

#include "audit/run.h"
#include "change/gate.h"

/* The resources of a plan in its order, in a temporary file: memory does not grow with the plan.
 * Findings that are not "planned" are left out. ERR_PARSE names the line. A report in --format
 * json, a list or an object with "findings", is accepted as well; it is read as a whole. `name` is
 * for messages. */
struct plan;
struct plan *plan_read(const char *path, const char *name, struct err *err);
void plan_free(struct plan *plan);
size_t plan_count(const struct plan *plan);
/* New {"resource":{line},"findings":[…]}; NULL with ERR_IO. */
json_t *plan_resource(struct plan *plan, size_t index, struct err *err);

struct apply;
/* The evaluator must know all types: otherwise ERR_USAGE, before anything is changed. `plan` is
 * borrowed. */
struct apply *apply_new(const struct context *context, struct gate *gate, struct run *run,
                        struct plan *plan, struct err *err);
void apply_free(struct apply *apply);
void apply_start(struct apply *apply, loop_fn done, void *arg);
void apply_stop(struct apply *apply);
/* Why it stopped before the end of the plan by itself; NULL: it did not. Borrowed. */
const struct err *apply_failure(const struct apply *apply);

#endif
