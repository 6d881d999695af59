#include "audit/scan.h"

#include <string.h>

#include "audit/run_lists.h"
#include "audit/run_report.h"
#include "base/backlog.h"
#include "base/mem.h"
#include "value/json.h"

#define MAX_WAITING (4u << 20) /* bytes of one waiting line */
/* Bytes of all waiting lines; beyond it, what listings say is not kept. */
#define MOST_WAITING (64u << 20)

struct scan {
    struct loop *loop;
    struct poll *poll;
    struct run *run;
    struct source_target target;
    size_t first_list; /* number in the run of the first target's list; the others follow */
    struct backlog *backlog;
    struct loop_timer *timer;
    size_t waiting; /* bytes in the backlog */
    size_t lines;   /* in it */
    bool pulled, listed, ended;
};

/* ---- found resources ---- */

static void give(void *arg);

/* Answers the run's pull from the loop, if there is something to deliver. */
static void wake(struct scan *scan)
{
    if (scan->pulled && !scan->ended && scan->timer == NULL)
        scan->timer = loop_after(scan->loop, 0, give, scan);
}

/* A waiting line: this head, its text, and what the listing said, if anything. */
struct head {
    size_t slot, length; /* length of the first text */
    int64_t listed_ms;
};

/* In a scan of very many resources, what listings say would be out of date before it is used. */
static bool keeps_listed(const struct scan *scan, const struct resource *resource)
{
    return resource->listed != NULL && scan->waiting < MOST_WAITING;
}

static void on_found(void *arg, size_t target, const struct resource *resource)
{
    struct scan *scan = arg;
    struct buf bytes;
    if (scan->ended)
        return;
    struct head head = {.slot = run_reserve(scan->run, scan->first_list + target),
                        .listed_ms = resource->listed_ms};
    json_t *line = resource_to_json(resource);
    buf_init(&bytes, MAX_WAITING);
    buf_add(&bytes, &head, sizeof head);
    json_write(line, &bytes);
    json_decref(line);
    head.length = bytes.len - sizeof head;
    memcpy(bytes.data, &head, sizeof head);
    if (keeps_listed(scan, resource))
        buf_add(&bytes, resource->listed, strlen(resource->listed));
    backlog_put(scan->backlog, bytes.data, bytes.len);
    scan->waiting += bytes.len;
    scan->lines++;
    buf_clear(&bytes);
    wake(scan);
}

static void on_listed(void *arg, size_t index)
{
    struct scan *scan = arg;
    size_t list = scan->first_list + index;
    const struct poll_target *target = poll_target(scan->poll, index);
    const json_t *error = poll_error(scan->poll, index);
    if (error != NULL)
        run_unlisted(scan->run, run_reserve(scan->run, list),
                     resource_new(target->account, target->region, target->policy->type, "*"),
                     error);
    else
        run_listed(scan->run, target->policy, target->account, target->region);
    run_end_list(scan->run, list);
}

static void on_all_listed(void *arg)
{
    struct scan *scan = arg;
    scan->listed = true;
    if (!scan->ended)
        run_expect(scan->run, scan->lines);
    wake(scan);
}

/* ---- the source ---- */

/* Resources that wait for a throttled service would fill the memory with what listings said. */
static void give_listed(const struct scan *scan, struct resource *resource, const struct head *head,
                        const char *text, size_t length)
{
    if (length == 0 || run_is_crowded(scan->run))
        return;
    resource->listed = mem_strndup(text, length);
    resource->listed_ms = head->listed_ms;
}

static void give_line(struct scan *scan, const char *bytes, size_t length)
{
    struct err err = {0};
    struct head head;
    memcpy(&head, bytes, sizeof head);
    const char *text = bytes + sizeof head;
    struct resource *resource = resource_parse(text, head.length, &err);
    if (resource != NULL) {
        give_listed(scan, resource, &head, text + head.length, length - sizeof head - head.length);
        scan->target.reserved(scan->target.arg, resource, head.slot);
        return;
    }
    run_no_answer(scan->run, head.slot);
    err_prefix(&err, "a policy found an invalid id");
    scan->target.bad(scan->target.arg, &err);
}

static void give(void *arg)
{
    struct scan *scan = arg;
    struct err err = {0};
    size_t length;
    scan->timer = NULL;
    const char *bytes = backlog_take(scan->backlog, &length, &err);
    if (bytes == NULL && err.kind == ERR_NONE && !scan->listed)
        return; /* until more resources are found */
    scan->pulled = false;
    scan->waiting -= bytes != NULL ? length : 0;
    scan->lines -= bytes != NULL;
    if (bytes != NULL)
        give_line(scan, bytes, length);
    else if (err.kind != ERR_NONE)
        scan->target.bad(scan->target.arg, &err);
    else
        scan->target.end(scan->target.arg);
}

static void pull(void *self)
{
    struct scan *scan = self;
    scan->pulled = true;
    wake(scan);
}

static void drop(void *self)
{
    struct scan *scan = self;
    scan->ended = true;
    loop_cancel(scan->loop, scan->timer);
    scan->timer = NULL;
}

/* ---- start and end ---- */

struct scan *scan_new(struct loop *loop, struct poll *poll, struct run *run)
{
    struct scan *scan = mem_alloc(sizeof *scan);
    const struct poll_sink sink = {.found = on_found,
                                   .wants_listed = true,
                                   .listed = on_listed,
                                   .shows_progress = true,
                                   .arg = scan};
    *scan = (struct scan){.loop = loop,
                          .poll = poll,
                          .run = run,
                          .target = run_target(run),
                          .first_list = run_lists(run, poll_targets(poll)),
                          .backlog = backlog_new()};
    poll_divert(poll, &sink);
    return scan;
}

void scan_free(struct scan *scan)
{
    if (scan == NULL)
        return;
    backlog_free(scan->backlog);
    mem_free(scan);
}

void scan_start(struct scan *scan, loop_fn done, void *arg)
{
    const struct source source = {.pull = pull, .free = drop, .self = scan};
    run_start(scan->run, source, done, arg);
    poll_start(scan->poll, on_all_listed, scan);
}

void scan_stop(struct scan *scan)
{
    poll_stop(scan->poll);
    run_stop(scan->run);
}
