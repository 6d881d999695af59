/* What all Lua states of the program share: the loop, the limits, and data created by one state
 * that others can reuse. Serves every binding. The evaluator, or a script, owns the host. */
#ifndef BINDINGS_VM_HOST_H
#define BINDINGS_VM_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bindings/vm/blocks.h"
#include "bindings/vm/chunks.h"
#include "net/loop/loop.h"

struct model_set;

struct host_options {
    struct loop *loop;
    /* For require "lib.…": directories separated by ':', which are searched after `lib` beside the
     * policy file. NULL: none. Copied. */
    const char *lib_dir;
    struct model_set *models; /* NULL: names of operations are not checked at load */
    /* The index of the policies that the build knew (known.h), a JSON text; NULL: every policy file
     * is run and validated when it is loaded. Must outlive the host. */
    const char *index;
    struct chunks_code code; /* of these policies; its bytes must outlive the host */

    /* Limits; 0: the default. A discovery may run ten times as long. */
    size_t memory_max;         /* bytes of one state: 64 MiB */
    uint64_t instructions_max; /* Lua instructions of one job: 200 million */
    int64_t run_ms_max;        /* run time of one job, without waiting: 10 s */
    uint64_t pattern_steps;    /* of one job, all patterns together: 200 million */
    uint64_t calls_max;        /* AWS requests of one job: 100,000 */
    int map_width;             /* how many items resource:map processes at a time: 10 */
};

struct callers; /* sessions and their state */
struct shared_reads;
struct gathered_reads;

struct host;
struct host *host_new(const struct host_options *options);
void host_free(struct host *host);

struct loop *host_loop(const struct host *host);
const struct host_options *host_limits(const struct host *host); /* with defaults filled in */
struct chunks *host_chunks(struct host *host);
struct shared_reads *host_shared_reads(struct host *host);
struct gathered_reads *host_gathered_reads(struct host *host);
/* Borrowed from their creator; the host of a script has none. */
void host_set_callers(struct host *host, struct callers *callers);
struct callers *host_callers(struct host *host);

/* Policies have used so much time in this turn of the loop that the loop should run first. */
bool host_turn_is_over(const struct host *host);
void host_worked(struct host *host, int64_t ms);

/* Memory of jobs that have ended: job.c alone uses it. */
struct spares *host_spare_jobs(struct host *host);

#endif
