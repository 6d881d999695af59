#include "bindings/vm/host.h"

#include "aws/client/gathered_reads.h"
#include "aws/client/shared_reads.h"
#include "base/mem.h"
#include "bindings/vm/chunks.h"

#define MEMORY_MAX (64u << 20)
#define INSTRUCTIONS_MAX 200000000
#define RUN_MS_MAX 10000
#define PATTERN_STEPS 200000000
#define CALLS_MAX 100000
#define MAP_WIDTH 10
#define TURN_MS 100

struct host {
    struct host_options options;
    char *lib_dir;
    struct callers *callers; /* borrowed */
    struct chunks *chunks;
    struct shared_reads *shared_reads;
    struct gathered_reads *gathered_reads;
    struct spares spare_jobs;
    int64_t turn_ms;   /* time of the loop's current turn */
    int64_t worked_ms; /* time that policies have used in it */
};

struct loop *host_loop(const struct host *host)
{
    return host->options.loop;
}

bool host_turn_is_over(const struct host *host)
{
    return host->turn_ms == loop_now(host->options.loop) && host->worked_ms >= TURN_MS;
}

void host_worked(struct host *host, int64_t ms)
{
    int64_t turn_ms = loop_now(host->options.loop);
    host->worked_ms = ms + (host->turn_ms == turn_ms ? host->worked_ms : 0);
    host->turn_ms = turn_ms;
}

const struct host_options *host_limits(const struct host *host)
{
    return &host->options;
}

struct chunks *host_chunks(struct host *host)
{
    return host->chunks;
}

struct shared_reads *host_shared_reads(struct host *host)
{
    return host->shared_reads;
}

struct gathered_reads *host_gathered_reads(struct host *host)
{
    return host->gathered_reads;
}

struct spares *host_spare_jobs(struct host *host)
{
    return &host->spare_jobs;
}

struct callers *host_callers(struct host *host)
{
    return host->callers;
}

void host_set_callers(struct host *host, struct callers *callers)
{
    host->callers = callers;
}

/* ---- creating and freeing ---- */

static void set_default(uint64_t *value, uint64_t otherwise)
{
    if (*value == 0)
        *value = otherwise;
}

static void set_limits(struct host_options *options)
{
    if (options->memory_max == 0)
        options->memory_max = MEMORY_MAX;
    if (options->run_ms_max == 0)
        options->run_ms_max = RUN_MS_MAX;
    if (options->map_width <= 0)
        options->map_width = MAP_WIDTH;
    set_default(&options->instructions_max, INSTRUCTIONS_MAX);
    set_default(&options->pattern_steps, PATTERN_STEPS);
    set_default(&options->calls_max, CALLS_MAX);
}

struct host *host_new(const struct host_options *options)
{
    struct host *host = mem_alloc(sizeof *host);
    host->options = *options;
    host->lib_dir = mem_strdup(options->lib_dir);
    host->options.lib_dir = host->lib_dir;
    host->chunks = chunks_new(&options->code);
    host->shared_reads = shared_reads_new();
    host->gathered_reads = gathered_reads_new();
    set_limits(&host->options);
    return host;
}

void host_free(struct host *host)
{
    if (host == NULL)
        return;
    mem_free(host->lib_dir);
    shared_reads_free(host->shared_reads);
    gathered_reads_free(host->gathered_reads);
    chunks_free(host->chunks);
    spares_clear(&host->spare_jobs);
    mem_free(host);
}
