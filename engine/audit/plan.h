/* A plan: the exact calls that repairs would make, as findings with steps, one JSON object per line
 * (the output of `engine plan`). This file reads a plan and applies it. Serves app/; calls gate,
 * and run to deliver findings. */
#ifndef AUDIT_PLAN_H
#define AUDIT_PLAN_H

#include <jansson.h>

#include "audit/run.h"
#include "change/gate.h"

/* Resources of a plan in its order: new array of {"resource":{line},"findings":[…]}. Findings that
 * are not "planned" are left out. ERR_PARSE names the line. A report in --format json, a list or an
 * object with "findings", is accepted as well. `name` is for messages. */
json_t *plan_read(const char *path, const char *name, struct err *err);

struct apply;
/* The evaluator must know all types: otherwise ERR_USAGE, before anything is changed. `plan` is
 * borrowed. */
struct apply *apply_new(const struct context *context, struct gate *gate, struct run *run,
                        json_t *plan, struct err *err);
void apply_free(struct apply *apply);
void apply_start(struct apply *apply, loop_fn done, void *arg);
void apply_stop(struct apply *apply);

#endif
