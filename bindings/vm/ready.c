#include "bindings/vm/ready.h"

#include "bindings/vm/job.h"

void ready_add(struct task *task, int arguments)
{
    struct evaluation *job = task->job;
    if (task->ready)
        return;
    task->ready = true;
    task->arguments = arguments;
    task->next_ready = NULL;
    *job->ready_tail = task;
    job->ready_tail = &task->next_ready;
}

void ready_remove(struct task *task)
{
    struct evaluation *job = task->job;
    struct task **link = &job->ready;
    while (*link != NULL && *link != task)
        link = &(*link)->next_ready;
    if (*link == NULL)
        return;
    *link = task->next_ready;
    if (*link == NULL)
        job->ready_tail = link;
    task->ready = false;
}

struct task *ready_take(struct evaluation *job)
{
    struct task *task = job->ready;
    job->ready = task->next_ready;
    if (job->ready == NULL)
        job->ready_tail = &job->ready;
    task->ready = false;
    return task;
}
