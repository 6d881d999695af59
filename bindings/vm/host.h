/* The Lua host: loads policy files and answers the core's questions about them. Serves main.c and
 * the tests, through engine/policy/evaluator.h; calls the client (reads only), the loop, and Lua.
 *
 * One Lua state per policy file, with an allocator of its own that has a ceiling; a policy shares
 * nothing with another. The host owns states, policies and jobs; what a scope points to is
 * borrowed for the job. */
#ifndef BINDINGS_VM_HOST_H
#define BINDINGS_VM_HOST_H

#include <stddef.h>
#include <stdint.h>

#include "net/loop/loop.h"
#include "policy/evaluator.h"

struct host_options {
    struct loop *loop;
    const char *lib_dir; /* of require "lib.…"; NULL: `lib` beside each policy file. Copied */
    struct model_set *models; /* NULL: names of operations are not checked when loading */

    /* Limits; 0 takes the default. A discovery may run ten times as long. */
    size_t memory_max;         /* bytes of one state: 64 MiB */
    uint64_t instructions_max; /* of one job, in instructions of Lua's machine: 200 million */
    int64_t run_ms_max;        /* time that one job may run, waiting left out: 10 s */
    uint64_t pattern_steps;    /* of one job, in all patterns together: 200 million */
    uint64_t calls_max;        /* AWS requests of one job: 100,000 */
    int map_width;             /* how many of resource:map's run at a time: 10 */
};

struct host;
struct host *host_new(const struct host_options *options);
/* Ends jobs that are under way without a word. */
void host_free(struct host *host);
/* Owned by the host. */
struct evaluator *host_evaluator(struct host *host);

#endif
