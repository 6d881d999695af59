/* Allows only one job of a resource at a time. Part of run; serves run.c. */
#ifndef AUDIT_RUN_RESOURCE_QUEUE_H
#define AUDIT_RUN_RESOURCE_QUEUE_H

#include "audit/run_internal.h"

/* May the job audit this resource now, or after the previous job of this resource, or not at all
 * because the plan already has it? */
enum run_turn run_take_turn(struct job *job);
/* Call it when a job is finished; returns the next job of the same resource, or NULL. */
struct job *run_give_turn(struct job *job);

#endif
