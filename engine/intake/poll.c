#include "intake/poll.h"

#include <stdio.h>
#include <unistd.h>

#include "accounts/enabled_regions.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/progress_text.h"
#include "base/seen.h"
#include "intake/error_digest.h"
#include "policy/finding.h"
#include "policy/selection.h"
#include "value/json.h"

/* Targets listed at a time; their requests share the client's limit. */
#define MOST_AT_A_TIME 64
#define LONGEST_LINE 200 /* of progress */

struct poll {
    const struct context *context;
    struct line_sink *lines;
    struct poll_sink sink; /* in place of lines, if it is set */
    size_t found;
    struct seen *seen; /* "<target> <region> <id>" of found resources */
    struct poll_target_list targets;
    json_t **errors; /* by target, when it is finished: why it could not be listed, or NULL */
    size_t next;
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

/* Not between the lines that the terminal shows anyway. */
static bool wants_progress(const struct poll *poll)
{
    const struct settings *settings = poll->context->settings;
    bool lines = settings_queue(settings, true) == NULL && isatty(STDOUT_FILENO);
    return !settings->quiet && !poll->sink.shows_progress && !lines && progress_text_wanted();
}

static void write_progress(const struct poll *poll, struct buf *line)
{
    struct client_stats stats;
    client_stats(poll->context->client, &stats);
    buf_adds(line, "listed ");
    progress_text_count(line, poll->finished);
    buf_adds(line, " of ");
    progress_text_count(line, poll->targets.count);
    buf_adds(line, poll->targets.count == 1 ? " place, " : " places, ");
    progress_text_count(line, poll->found);
    buf_adds(line, poll->found == 1 ? " resource found" : " resources found");
    progress_text_throttled(line, stats.throttled);
    progress_text_left(line, poll->finished, poll->targets.count, clock_mono_ms() - poll->began_ms);
}

static void show_progress(const struct poll *poll)
{
    struct buf line;
    if (!wants_progress(poll))
        return;
    buf_init(&line, LONGEST_LINE);
    write_progress(poll, &line);
    progress_text_draw(&line);
    if (poll->finished == poll->targets.count)
        fputc('\n', stderr);
    buf_clear(&line);
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
    if (!was_found_before(listing, resource))
        put(listing->poll, target, resource);
    resource_free(resource);
}

/* Found resources wait to be sent, or for what the sink does with them. */
static bool is_full(void *arg)
{
    const struct listing *listing = arg;
    const struct poll *poll = listing->poll;
    if (poll->sink.found == NULL)
        return line_sink_full(poll->lines);
    return poll->sink.full != NULL &&
           poll->sink.full(poll->sink.arg, index_of(poll, listing->target));
}

/* Where --regions all is given and an account's regions are not known, its one target for each
 * type (add_regions) says why. */
static int open_scope(struct listing *listing, struct err *err)
{
    const struct context *context = listing->poll->context;
    const struct poll_target *target = listing->target;
    const struct err *unknown =
        target->policy->global ? NULL : enabled_regions_error(context->regions, target->account);
    if (unknown != NULL)
        *err = *unknown;
    return unknown != NULL ? -1
                           : context_scope(context, target->policy, target->account, target->region,
                                           &listing->scope, err);
}

static void start_target(struct poll *poll, const struct poll_target *target)
{
    struct err err = {0};
    struct evaluator *evaluator = poll->context->evaluator;
    struct listing *listing = mem_alloc(sizeof *listing);
    listing->poll = poll;
    listing->target = target;
    link_listing(listing);
    poll->active++;
    if (open_scope(listing, &err) != 0) {
        fail(listing, &err);
        free_listing(listing);
        report_listed(poll, target);
        poll->active--;
        poll->finished++;
        return;
    }
    listing->scope.wants_listed = poll->sink.wants_listed;
    listing->scope.full = is_full;
    listing->scope.full_arg = listing;
    listing->evaluation = evaluator->discover(evaluator->self, target->policy, &listing->scope,
                                              on_found, on_done, listing);
}

static bool is_busy(const struct poll *poll)
{
    return poll->sink.busy != NULL && poll->sink.busy(poll->sink.arg);
}

static void start_more(struct poll *poll)
{
    while (poll->active < MOST_AT_A_TIME && poll->next < poll->targets.count && !is_busy(poll))
        start_target(poll, &poll->targets.items[poll->next++]);
    if (poll->active == 0 && poll->next == poll->targets.count && poll->done != NULL) {
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
    start_more(poll);
}

void poll_go_on(struct poll *poll)
{
    start_more(poll);
}

void poll_stop(struct poll *poll)
{
    poll->left += poll->targets.count - poll->next;
    poll->next = poll->targets.count;
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
