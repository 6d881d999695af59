/* A plan: the exact calls that repairs would make, as findings with steps, one JSON object a line
 * (what `engine plan` writes). This file reads one back and has it made. Serves app/; calls gate
 * and run (to deliver). */
#ifndef AUDIT_PLAN_H
#define AUDIT_PLAN_H

#include <jansson.h>

#include "audit/run.h"
#include "change/gate.h"

/* Resources of a plan in its order: new array of {"resource":{line},"findings":[…]}; findings that
 * are not "planned" are left out. ERR_PARSE names the line. A JSON array is read as well. */
json_t *plan_read(const char *path, struct err *err);

struct apply;
/* Types must be known to the evaluator: ERR_USAGE otherwise, before anything is changed. `plan` is
 * borrowed. */
struct apply *apply_new(const struct context *context, struct gate *gate, struct run *run,
                        json_t *plan, struct err *err);
void apply_free(struct apply *apply);
void apply_start(struct apply *apply, loop_fn done, void *arg);
void apply_stop(struct apply *apply);

#endif
