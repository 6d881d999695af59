/* The queue of a job's coroutines that are ready to continue. Serves code that ends a wait, and
 * job. */
#ifndef BINDINGS_VM_READY_H
#define BINDINGS_VM_READY_H

struct evaluation;
struct task;

/* Adds a task that has this many arguments on its stack. Does nothing if it is in the queue
 * already. */
void ready_add(struct task *task, int arguments);
void ready_remove(struct task *task);
/* Removes and returns the first task; there must be one. */
struct task *ready_take(struct evaluation *job);

#endif
