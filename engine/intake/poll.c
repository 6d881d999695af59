#include "intake/poll.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/seen.h"
#include "intake/error_digest.h"
#include "intake/listing_progress.h"
#include "intake/listing_turns.h"
#include "policy/finding.h"
#include "policy/selection.h"
#include "value/json.h"

/* How often it looks which listings wait. */
#define LOOK_MS (LISTING_SLOW_MS / 4)

struct poll {
    const struct context *context;
    struct line_sink *lines;
    struct poll_sink sink; /* in place of lines, if it is set */
    size_t found;
    struct seen *seen; /* "<target> <region> <id>" of found resources */
    struct poll_target_list targets;
    json_t **errors; /* by target, when it is finished: why it could not be listed, or NULL */
    struct listing_turns *turns; /* which target is next; NULL: not started */
    struct loop_timer *timer;
    size_t active;
    struct listing *listings;
    size_t finished;
    size_t left; /* not started, because the poll was stopped */
    struct error_digest error_digest;
    size_t failed;
    struct err first; /* why the first target failed */
    int64_t began_ms;
    loop_fn done;
    void *arg;
};

struct listing {
    struct listing *next, **link; /* all that are in progress */
    struct listing_turn turn;
    struct evaluation *evaluation;
    struct poll *poll;
    const struct poll_target *target;
    struct scope scope;
};

void poll_add(struct poll *poll, const struct policy *policy, const char *account,
              const char *region)
{
    poll_targets_add(&poll->targets, policy, account, region);
}

struct poll *poll_empty(const struct context *context, struct line_sink *lines)
{
    struct poll *poll = mem_alloc(sizeof *poll);
    poll->context = context;
    poll->lines = lines;
    poll->seen = seen_new();
    return poll;
}

struct poll *poll_new(const struct context *context, const char *caller, struct line_sink *lines,
                      struct err *err)
{
    const struct settings *settings = context->settings;
    if (!settings->all_regions && settings->regions.count == 0 && settings->region == NULL) {
        err_set(err, ERR_USAGE,
                "no region: set --regions, REGIONS or AWS_REGION, or a region in the profile");
        return NULL;
    }
    struct poll *poll = poll_empty(context, lines);
    if (poll_targets_choose(&poll->targets, context, caller, err) != 0) {
        poll_free(poll);
        return NULL;
    }
    if (poll->targets.count == 0 && context->selected != NULL) {
        err_set(err, ERR_USAGE, "--types, --checks and --severity leave nothing to list");
        poll_free(poll);
        return NULL;
    }
    poll_targets_sort(&poll->targets);
    return poll;
}

void poll_free(struct poll *poll)
{
    if (poll == NULL)
        return;
    error_digest_clear(&poll->error_digest);
    listing_turns_free(poll->turns);
    loop_cancel(poll->context->loop, poll->timer);
    seen_free(poll->seen);
    for (size_t i = 0; poll->errors != NULL && i < poll->targets.count; i++)
        json_decref(poll->errors[i]);
    mem_free(poll->errors);
    mem_free(poll->targets.items);
    mem_free(poll);
}

int poll_status(const struct poll *poll)
{
    return poll->failed > 0 ? 1 : 0;
}

size_t poll_targets(const struct poll *poll)
{
    return poll->targets.count;
}

const struct poll_target *poll_target(const struct poll *poll, size_t index)
{
    return &poll->targets.items[index];
}

const json_t *poll_error(const struct poll *poll, size_t index)
{
    return poll->errors != NULL ? poll->errors[index] : NULL;
}

size_t poll_failed(const struct poll *poll, struct err *first)
{
    *first = poll->first;
    return poll->failed;
}

size_t poll_left(const struct poll *poll)
{
    return poll->left;
}

static void show_progress(const struct poll *poll)
{
    if (!poll->sink.shows_progress)
        listing_progress_show(&(struct listing_progress){.context = poll->context,
                                                         .finished = poll->finished,
                                                         .targets = poll->targets.count,
                                                         .found = poll->found,
                                                         .began_ms = poll->began_ms});
}

static void start_more(struct poll *poll);

static size_t index_of(const struct poll *poll, const struct poll_target *target)
{
    return (size_t)(target - poll->targets.items);
}

static void report_listed(const struct poll *poll, const struct poll_target *target)
{
    if (poll->sink.listed != NULL)
        poll->sink.listed(poll->sink.arg, index_of(poll, target));
}

static void finish_target(struct poll *poll, const struct poll_target *target)
{
    report_listed(poll, target);
    poll->active--;
    poll->finished++;
    show_progress(poll);
    start_more(poll);
}

static void fail(struct listing *listing, const struct err *err)
{
    const struct poll_target *target = listing->target;
    char *where = mem_printf("%s in %s of account %s cannot be listed", target->policy->type,
                             target->region, target->account);
    error_digest_add(&listing->poll->error_digest, where, target->account, err);
    mem_free(where);
    listing->poll->errors[index_of(listing->poll, target)] = finding_error_json(err);
    if (listing->poll->failed++ == 0)
        listing->poll->first = *err;
}

static void link_listing(struct listing *listing)
{
    listing->link = &listing->poll->listings;
    listing->next = listing->poll->listings;
    if (listing->next != NULL)
        listing->next->link = &listing->next;
    listing->poll->listings = listing;
}

static void free_listing(struct listing *listing)
{
    listing_turns_end(listing->poll->turns, &listing->turn);
    *listing->link = listing->next;
    if (listing->next != NULL)
        listing->next->link = listing->link;
    mem_free(listing);
}

static void on_done(void *arg, const struct err *err)
{
    struct listing *listing = arg;
    struct poll *poll = listing->poll;
    const struct poll_target *target = listing->target;
    if (err != NULL)
        fail(listing, err);
    free_listing(listing);
    finish_target(poll, target);
}

/* Pages may overlap when resources change. If it is not known whether a resource was found before,
 * it counts as new: a duplicate is harmless. */
static bool was_found_before(const struct listing *listing, const struct resource *resource)
{
    bool before = false;
    struct err err = {0};
    struct poll *poll = listing->poll;
    const struct log_subject subject = resource_subject(resource);
    char *key =
        mem_printf("%zu %s %s", index_of(poll, listing->target), resource->region, resource->id);
    if (seen_add(poll->seen, key, &before, &err) != 0)
        log_about(LOG_DEBUG, &subject, "%s may be listed twice: %s", resource->id, err.message);
    mem_free(key);
    return before;
}

static void put(struct poll *poll, const struct poll_target *target,
                const struct resource *resource)
{
    poll->found++;
    if (poll->sink.found != NULL)
        poll->sink.found(poll->sink.arg, index_of(poll, target), resource);
    else
        line_sink_put(poll->lines, resource);
}

static void on_found(void *arg, const char *id, const json_t *options)
{
    struct listing *listing = arg;
    const struct poll_target *target = listing->target;
    const struct settings *settings = listing->poll->context->settings;
    const char *region = json_get_string(options, "region", NULL);
    if (settings->only_use_test_resources && !json_get_bool(options, "test", false))
        return;
    /* A resource may be in another region than the one in which it is listed (a bucket): its own
     * region is what --regions selects. */
    if (region != NULL && settings->regions.count > 0 && !text_list_has(&settings->regions, region))
        return;
    struct resource *resource = resource_new(
        target->account, region != NULL ? region : target->region, target->policy->type, id);
    const json_t *listed = json_object_get(options, "listed");
    resource->listed = listed != NULL ? json_text(listed) : NULL;
    resource->listed_ms = loop_now(listing->poll->context->loop);
    listing_turns_moved(&listing->turn, resource->listed_ms);
    if (!was_found_before(listing, resource))
        put(listing->poll, target, resource);
    resource_free(resource);
}

/* Found resources wait to be sent, or for what the sink does with them. */
static bool is_full(void *arg, enum listing_point point)
{
    const struct listing *listing = arg;
    const struct poll *poll = listing->poll;
    if (poll->sink.found == NULL)
        return line_sink_full(poll->lines);
    return poll->sink.full != NULL &&
           poll->sink.full(poll->sink.arg, index_of(poll, listing->target), point);
}

static void discover(struct listing *listing)
{
    const struct poll *poll = listing->poll;
    struct evaluator *evaluator = poll->context->evaluator;
    listing->scope.wants_listed = poll->sink.wants_listed;
    listing->scope.full = is_full;
    listing->scope.full_arg = listing;
    listing->evaluation = evaluator->discover(evaluator->self, listing->target->policy,
                                              &listing->scope, on_found, on_done, listing);
}

static void start_target(struct poll *poll, size_t index)
{
    struct err err = {0};
    const struct poll_target *target = &poll->targets.items[index];
    struct listing *listing = mem_alloc(sizeof *listing);
    listing->poll = poll;
    listing->target = target;
    link_listing(listing);
    listing_turns_begin(poll->turns, &listing->turn, index, loop_now(poll->context->loop));
    poll->active++;
    if (poll_target_scope(target, poll->context, &listing->scope, &err) == 0) {
        discover(listing);
        return;
    }
    fail(listing, &err);
    free_listing(listing);
    report_listed(poll, target);
    poll->active--;
    poll->finished++;
}

static bool may_start(void *arg, size_t target)
{
    const struct poll *poll = arg;
    if (poll->sink.found == NULL)
        return !line_sink_full(poll->lines);
    return poll->sink.busy == NULL || !poll->sink.busy(poll->sink.arg, target);
}

static void look(void *arg)
{
    struct poll *poll = arg;
    poll->timer = NULL;
    listing_turns_look(poll->turns, loop_now(poll->context->loop));
    start_more(poll);
}

/* Again and again, while targets are left. */
static void look_later(struct poll *poll)
{
    struct loop *loop = poll->context->loop;
    if (poll->timer != NULL || listing_turns_left(poll->turns) == 0)
        return;
    poll->timer = loop_after(loop, LOOK_MS, look, poll);
    if (poll->active > 0)
        loop_timer_background(loop, poll->timer); /* the listings keep the loop alive */
}

static void start_more(struct poll *poll)
{
    size_t target;
    while (listing_turns_next(poll->turns, may_start, poll, &target))
        start_target(poll, target);
    look_later(poll);
    if (poll->active == 0 && listing_turns_left(poll->turns) == 0 && poll->done != NULL) {
        loop_fn done = poll->done;
        poll->done = NULL;
        error_digest_log(&poll->error_digest);
        done(poll->arg);
    }
}

void poll_divert(struct poll *poll, const struct poll_sink *sink)
{
    poll->sink = *sink;
}

void poll_start(struct poll *poll, loop_fn done, void *arg)
{
    poll->done = done;
    poll->arg = arg;
    poll->began_ms = clock_mono_ms();
    poll->errors = mem_alloc((poll->targets.count + 1) * sizeof(json_t *));
    poll->turns = listing_turns_new(&poll->targets);
    start_more(poll);
}

void poll_go_on(struct poll *poll)
{
    start_more(poll);
}

void poll_passed_on(struct poll *poll)
{
    if (!listing_turns_rest(poll->turns))
        start_more(poll);
}

void poll_stop(struct poll *poll)
{
    if (poll->turns == NULL)
        return;
    poll->left += listing_turns_left(poll->turns);
    listing_turns_stop(poll->turns);
}

void poll_cancel(struct poll *poll)
{
    struct evaluator *evaluator = poll->context->evaluator;
    poll_stop(poll);
    if (poll->done == NULL)
        return; /* it has ended, or was not started */
    poll->done = NULL;
    poll->left += poll->active;
    poll->active = 0;
    while (poll->listings != NULL) {
        evaluator->cancel(evaluator->self, poll->listings->evaluation);
        free_listing(poll->listings);
    }
    error_digest_log(&poll->error_digest);
}

size_t poll_listing(const struct poll *poll)
{
    return poll->active;
}

size_t poll_finished(const struct poll *poll)
{
    return poll->finished;
}
