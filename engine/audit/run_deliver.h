/* Delivers findings: report, notifications, exit status. Part of run; serves run.c, run_lists.c and
 * apply. */
#ifndef AUDIT_RUN_DELIVER_H
#define AUDIT_RUN_DELIVER_H

#include "audit/run.h"

struct job;

/* Delivers findings made elsewhere (apply): report, notification, status. done is called as in
 * run_start. Takes ownership of the findings; resource is borrowed until done. */
void run_deliver(struct run *run, size_t slot, const struct resource *resource, json_t *findings,
                 loop_fn done, void *arg);
/* Notifies findings that the caller reports later, and lets them count for the exit status. Sets
 * *unnotified if a notification fails. Takes ownership of the findings. */
void run_notify(struct run *run, const struct resource *resource, json_t *findings,
                bool *unnotified, loop_fn done, void *arg);
/* How many notifications could not be sent so far. */
size_t run_unnotified(const struct run *run);
/* At the end: how many more failed for a reason that was logged. */
void run_log_unnotified(const struct run *run);
/* Delivers the job's findings as run_deliver does, and records what was not delivered. */
void run_deliver_job(struct job *job, loop_fn done);
/* A notification about the resource failed. */
void run_note_unnotified(struct run *run, const struct resource *resource, const struct err *err);

#endif
