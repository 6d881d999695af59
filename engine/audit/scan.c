#include "audit/scan.h"

#include <string.h>

#include "audit/run_lanes.h"
#include "audit/run_lists.h"
#include "audit/run_report.h"
#include "audit/run_scope.h"
#include "base/mem.h"
#include "intake/found_lines.h"
#include "value/json.h"

#define MAX_WAITING (4u << 20) /* bytes of one waiting line */
/* A target's listing asks for no further page while so many of its resources wait for their audits:
 * its share of SHARED, but not less than LEAST. So what a listing says is used while it is new. */
#define SHARED 1000
#define LEAST 64
/* So many resources that count (found_lines.h) may wait in all: each account has an equal share,
 * not less than LEAST, and one share is free for a further account. With its share, an account's
 * listings ask for no further page, and no other one of it is begun. */
#define BUSY 4096
/* A listing hands over the whole page that it has, so that it need not keep it, unless more than
 * the resources of two pages wait, or so many bytes in all: those of 30,000 instances. */
#define MOST_OF_A_TARGET 2000
#define MOST_BYTES (128u << 20)
/* If no resource found its way to an audit for so long, listings no longer wait: a resource waits
 * in the file then. */
#define LONGEST_WAIT_MS 600000

struct scan {
    struct loop *loop;
    struct poll *poll;
    struct run *run;
    struct source_target target;
    size_t first_list; /* number in the run of the first target's list; the others follow */
    struct found_lines *lines;
    struct loop_timer *timer;
    size_t found;
    int64_t given_ms; /* when a resource was passed to its audit */
    bool starved;     /* nothing that waits can be audited now: further accounts are needed */
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

static bool has_its_share(const struct scan *scan, size_t target)
{
    size_t own = found_lines_of_account(scan->lines, target);
    size_t share = BUSY / (found_lines_accounts(scan->lines) + (own == 0) + 1);
    return own >= (share > LEAST ? share : LEAST);
}

static bool has_enough(const struct scan *scan, size_t target)
{
    size_t share = SHARED / (poll_listing(scan->poll) + 1);
    size_t own = found_lines_of(scan->lines, target);
    return own >= (share > LEAST ? share : LEAST) || (own > 0 && has_its_share(scan, target));
}

static bool is_full(void *arg, size_t target, enum listing_point point)
{
    const struct scan *scan = arg;
    size_t own = found_lines_of(scan->lines, target);
    bool full = own >= MOST_OF_A_TARGET ||
                (own > 0 && found_lines_bytes(scan->lines) >= MOST_BYTES) ||
                (point == LISTING_TURNS_PAGE && has_enough(scan, target));
    return full && loop_now(scan->loop) - scan->given_ms < LONGEST_WAIT_MS;
}

/* Beyond BUSY, an account of which nothing waits is begun if the audits of all that waits are held
 * up, so that AWS would wait for us. */
static bool is_busy(void *arg, size_t target)
{
    const struct scan *scan = arg;
    if (found_lines_bytes(scan->lines) >= MOST_BYTES)
        return true;
    if (found_lines_counted(scan->lines) < BUSY)
        return has_its_share(scan, target);
    return !scan->starved || found_lines_of_account(scan->lines, target) > 0 ||
           !run_is_idle(scan->run);
}

static void note_listing(const struct scan *scan)
{
    const struct run_listing listing = {.found = scan->found,
                                        .finished = poll_finished(scan->poll),
                                        .places = poll_targets(scan->poll)};
    run_note_listing(scan->run, &listing);
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
    if (resource->listed != NULL)
        buf_add(&bytes, resource->listed, strlen(resource->listed));
    found_lines_put(scan->lines, target, resource->region, bytes.data, bytes.len);
    scan->found++;
    buf_clear(&bytes);
    note_listing(scan);
    wake(scan);
}

static void on_listed(void *arg, size_t index)
{
    struct scan *scan = arg;
    size_t list = scan->first_list + index;
    const struct poll_target *target = poll_target(scan->poll, index);
    const json_t *error = poll_error(scan->poll, index);
    if (error != NULL)
        run_note_unlisted(scan->run);
    if (error != NULL)
        run_unlisted(scan->run, run_reserve(scan->run, list),
                     resource_new(target->account, target->region, target->policy->type, "*"),
                     error);
    else
        run_listed(scan->run, target->policy, target->account, target->region);
    run_end_list(scan->run, list);
    note_listing(scan);
}

static void on_all_listed(void *arg)
{
    struct scan *scan = arg;
    scan->listed = true;
    if (!scan->ended)
        run_expect(scan->run, found_lines_count(scan->lines));
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

/* A resource whose lane has no room stays here, and others go first. */
static bool may_give(void *arg, size_t index, const char *region, void **lane)
{
    const struct scan *scan = arg;
    const struct poll_target *target = poll_target(scan->poll, index);
    if (*lane == NULL)
        *lane = run_lane(scan->run, target->account, region, target->policy->type);
    return run_lane_has_room(scan->run, *lane);
}

/* Nothing can be given until more resources are found, or there is room. */
static void starve(struct scan *scan)
{
    scan->starved = true;
    if (!scan->listed)
        poll_go_on(scan->poll);
}

static void give(void *arg)
{
    struct scan *scan = arg;
    struct err err = {0};
    size_t length;
    scan->timer = NULL;
    const char *bytes = found_lines_take(scan->lines, &length, &err, may_give, scan);
    bool none = bytes == NULL && err.kind == ERR_NONE;
    if (none && (!scan->listed || found_lines_count(scan->lines) > 0)) {
        starve(scan);
        return;
    }
    scan->pulled = scan->starved = false;
    scan->given_ms = loop_now(scan->loop);
    if (!scan->listed)
        poll_passed_on(scan->poll);
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

static void room(void *self)
{
    wake(self);
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
                                   .full = is_full,
                                   .busy = is_busy,
                                   .listed = on_listed,
                                   .shows_progress = true,
                                   .arg = scan};
    *scan = (struct scan){.loop = loop,
                          .poll = poll,
                          .run = run,
                          .target = run_target(run),
                          .first_list = run_lists(run, poll_targets(poll)),
                          .lines = found_lines_new(poll_target(poll, 0), poll_targets(poll))};
    poll_divert(poll, &sink);
    return scan;
}

void scan_free(struct scan *scan)
{
    if (scan == NULL)
        return;
    found_lines_free(scan->lines);
    mem_free(scan);
}

void scan_start(struct scan *scan, loop_fn done, void *arg)
{
    const struct source source = {.pull = pull, .free = drop, .self = scan, .room = room};
    scan->given_ms = loop_now(scan->loop);
    run_start(scan->run, source, done, arg);
    poll_start(scan->poll, on_all_listed, scan);
}

void scan_stop(struct scan *scan)
{
    poll_cancel(scan->poll);
    run_stop(scan->run);
}
