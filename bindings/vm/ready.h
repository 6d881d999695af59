/* The queue of a job's coroutines that can go on. Serves whoever ends a wait, and job. */
#ifndef BINDINGS_VM_READY_H
#define BINDINGS_VM_READY_H

struct evaluation;
struct task;

/* With so many arguments on its stack; nothing where it is in the queue already. */
void ready_add(struct task *task, int arguments);
void ready_remove(struct task *task);
/* The first, which leaves the queue; there must be one. */
struct task *ready_take(struct evaluation *job);

#endif
