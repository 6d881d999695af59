/* A batch of targets to list, from the poller's own queue. Each is its own unit of work: a message
 * is done when the queue of resource lines has all resources of the target. A target that was
 * throttled or not started in time is requeued, with one more attempt. A target that is refused, or
 * has had enough attempts, becomes a line for a finding, and is done. Messages of the same target
 * (many events named no resource of it) are one unit with the first of them. A message of accounts
 * is done when the queue has the messages made from it. */
#include "app/lambda/lambda_units.h"

#include <string.h>

#include "app/lambda/lambda_poll.h"
#include "app/lambda/lambda_spread.h"
#include "app/lambda/lambda_unlisted.h"
#include "app/services/metric.h"
#include "aws/retry/retry.h"
#include "base/log.h"
#include "base/mem.h"
#include "notify/message_queue.h"
#include "value/json.h"

#define MOST_AT_A_TIME 32

struct unit {
    struct units *units;
    struct batch_item *item;
    struct resource *target; /* account, region and type; NULL: unreadable */
    const struct policy *policy;
    json_t *accounts; /* of a message of accounts, which become messages of targets */
    struct spread *spread;
    const struct unit *first; /* an earlier unit of the same target; NULL: this is the first */
    struct line_sink *lines;
    struct poll *poll;
    bool requeued;
};

struct units {
    struct invocation *invocation;
    struct batch *batch; /* of the invocation */
    struct unit *units;
    size_t next, active;
    struct message_queue *queue; /* for requeued targets; opened when it is needed */
    bool ended;
    size_t listed, found; /* places that were listed, and their resources */
};

static void start_more(struct units *units);

/* ---- requeuing ---- */

static int open_queue(struct units *units, struct err *err)
{
    const struct services *services = units->invocation->services;
    const char *url = services->settings.poll_queue;
    if (url == NULL)
        return err_set(err, ERR_USAGE, "POLL_QUEUE is not set, so nothing can be requeued");
    if (units->queue == NULL)
        units->queue = message_queue_open(services->message, url, err);
    return units->queue != NULL ? 0 : -1;
}

static bool is_last_attempt(const struct unit *unit)
{
    return unit->target->attempt >= LAMBDA_POLL_ATTEMPTS;
}

/* If the requeue fails, the original message is not done, so it is delivered again. `counted`:
 * counts as an attempt. */
static void requeue(struct unit *unit, int delay_s, bool counted)
{
    struct err err = {0};
    const struct resource *target = unit->target;
    if (open_queue(unit->units, &err) != 0) {
        log_error("%s", err.message);
        return;
    }
    json_t *message = lambda_poll_message(target->account, target->region, target->type,
                                          target->attempt + (counted ? 1 : 0));
    message_queue_put(unit->units->queue, message, delay_s);
    json_decref(message);
    unit->requeued = true;
}

static void on_requeued(void *arg, const struct err *err)
{
    struct units *units = arg;
    if (err != NULL)
        log_error("%s", err->message);
    for (size_t i = 0; i < units->batch->count && err == NULL; i++)
        units->units[i].item->done |= units->units[i].requeued;
}

static void maybe_end(struct units *units)
{
    if (units->ended || units->active > 0 || units->next < units->batch->count)
        return;
    units->ended = true;
    if (units->queue != NULL)
        message_queue_close(units->queue, on_requeued, units);
    units->queue = NULL;
}

/* ---- one target ---- */

static bool is_attempt(const struct unit *unit, const struct err *why)
{
    const struct resource *target = unit->target;
    return lambda_poll_counts(unit->units->invocation->services->client, target->account,
                              target->region, why);
}

/* There will be no retry: the target is refused, or this was its last attempt. */
static bool is_given_up(const struct unit *unit, struct err *why)
{
    return poll_failed(unit->poll, why) > 0 && (!retry_is_transient(why) || is_last_attempt(unit));
}

/* If the queue refuses lines at the last attempt, including the line for the finding, the message
 * is not done. */
static void settle(struct unit *unit, const struct err *sent)
{
    struct err why = {0};
    struct units *units = unit->units;
    bool given_up = is_given_up(unit, &why);
    bool failed = poll_failed(unit->poll, &why) > 0;
    if (sent != NULL)
        log_error("%s", sent->message);
    if (sent == NULL && (!failed || given_up)) {
        unit->item->done = true;
        metric_count("PlacesNotListed", failed, NULL);
    } else if (!is_last_attempt(unit)) {
        requeue(unit, lambda_poll_delay(unit->target->attempt),
                sent != NULL || is_attempt(unit, &why));
    }
    poll_free(unit->poll);
    unit->poll = NULL;
    units->active--;
    start_more(units);
}

static void on_sent(void *arg, const struct err *err)
{
    settle(arg, err);
}

static void on_listed(void *arg)
{
    struct unit *unit = arg;
    struct err why;
    unit->units->found += line_sink_count(unit->lines);
    unit->units->listed += poll_failed(unit->poll, &why) == 0;
    if (is_given_up(unit, &why))
        lambda_put_unlisted(unit->poll, unit->lines);
    line_sink_close(unit->lines, unit->units->invocation->services->loop, on_sent, unit);
}

static void start_unit(struct unit *unit)
{
    struct err err = {0};
    struct services *services = unit->units->invocation->services;
    unit->lines =
        line_sink_open(services->message, settings_queue(&services->settings, true), &err);
    if (unit->lines == NULL) {
        log_error("%s", err.message);
        return;
    }
    unit->units->active++;
    unit->poll = poll_empty(&services->context, unit->lines);
    poll_add(unit->poll, unit->policy, unit->target->account, unit->target->region);
    poll_start(unit->poll, on_listed, unit);
}

/* ---- a target that was not started in time ---- */

static void on_not_started_sent(void *arg, const struct err *err)
{
    struct unit *unit = arg;
    if (err != NULL)
        log_error("%s", err->message);
    unit->item->done = err == NULL;
    metric_count("PlacesNotListed", err == NULL, NULL);
    unit->units->active--;
    start_more(unit->units);
}

static void report_not_started(struct unit *unit)
{
    struct err err = {0};
    struct services *services = unit->units->invocation->services;
    const struct resource *target = unit->target;
    struct line_sink *lines =
        line_sink_open(services->message, settings_queue(&services->settings, true), &err);
    if (lines == NULL) {
        log_error("%s", err.message);
        return;
    }
    err_set(&err, ERR_TIMEOUT, "there was not enough time to start, in %d attempts",
            target->attempt + 1);
    const struct poll_target place = {
        .account = target->account, .region = target->region, .policy = unit->policy};
    lambda_put_not_listed(&place, &err, 1, lines);
    unit->units->active++;
    line_sink_close(lines, services->loop, on_not_started_sent, unit);
}

static void put_off(struct unit *unit)
{
    if (is_last_attempt(unit))
        report_not_started(unit);
    else
        requeue(unit, 0, true);
}

/* ---- accounts ---- */

static void on_spread(void *arg, const struct err *err)
{
    struct unit *unit = arg;
    struct units *units = unit->units;
    if (err != NULL)
        log_error("%s", err->message);
    unit->item->done = err == NULL;
    spread_free(unit->spread);
    unit->spread = NULL;
    units->active--;
    start_more(units);
}

static bool open_spread(struct unit *unit)
{
    struct err err = {0};
    unit->spread =
        spread_new(unit->units->invocation->services, unit->accounts, &err, on_spread, unit);
    if (unit->spread == NULL)
        log_error("message %.100s: %s", unit->item->id, err.message);
    else
        unit->units->active++;
    return unit->spread != NULL;
}

static void start_more(struct units *units)
{
    while (units->active < MOST_AT_A_TIME && units->next < units->batch->count) {
        struct unit *unit = &units->units[units->next++];
        if (unit->accounts != NULL && open_spread(unit))
            spread_start(unit->spread);
        else if (unit->target != NULL && unit->first == NULL)
            start_unit(unit);
    }
    maybe_end(units);
}

/* ---- reading the batch ---- */

/* The members of a target follow the rules of a resource line. */
static struct resource *target_of(const json_t *message, struct err *err)
{
    if (strcmp(json_get_string(message, "type", ""), "poll") != 0) {
        err_set(err, ERR_PARSE, "\"type\" must be \"poll\"");
        return NULL;
    }
    json_t *line = json_deep_copy(message);
    json_object_set(line, "type", json_object_get(message, "resource_type"));
    json_object_set_new(line, "id", json_string("-"));
    struct resource *target = resource_from_json(line, err);
    json_decref(line);
    return target;
}

static void read_unit(struct unit *unit, struct err *err)
{
    const struct evaluator *evaluator = unit->units->invocation->services->context.evaluator;
    json_t *message = json_parse_line(unit->item->body, unit->item->length, err);
    if (message != NULL && spread_is_message(message)) {
        unit->accounts = message;
        return;
    }
    if (message != NULL)
        unit->target = target_of(message, err);
    json_decref(message);
    if (unit->target == NULL)
        return;
    unit->policy = evaluator->find(evaluator->self, unit->target->type);
    if (unit->policy != NULL)
        return;
    err_set(err, ERR_PARSE, "no policy for the type \"%s\"", unit->target->type);
    resource_free(unit->target);
    unit->target = NULL;
}

static const struct unit *first_of(const struct units *units, const struct unit *unit)
{
    const struct resource *target = unit->target;
    for (const struct unit *one = units->units; target != NULL && one < unit; one++) {
        if (one->policy == unit->policy && strcmp(one->target->account, target->account) == 0 &&
            strcmp(one->target->region, target->region) == 0)
            return one;
    }
    return NULL;
}

static void read_units(struct units *units)
{
    units->units = mem_alloc((units->batch->count + 1) * sizeof *units->units);
    for (size_t i = 0; i < units->batch->count; i++) {
        struct err err = {0};
        struct unit *unit = &units->units[i];
        *unit = (struct unit){.units = units, .item = &units->batch->items[i]};
        read_unit(unit, &err);
        if (unit->target == NULL && unit->accounts == NULL)
            log_error("message %.100s: %s", unit->item->id, err.message);
        unit->first = first_of(units, unit);
    }
}

/* ---- the invocation ---- */

static void start(struct invocation *invocation)
{
    struct units *units = mem_alloc(sizeof *units);
    units->invocation = invocation;
    units->batch = &invocation->batch;
    read_units(units);
    invocation->own = units;
    start_more(units);
}

/* A spread, started or not, continues in another invocation. */
static void stop_spreading(const struct units *units)
{
    for (size_t i = 0; i < units->batch->count; i++) {
        if (units->units[i].spread != NULL)
            spread_stop(units->units[i].spread, units->invocation->cut_ms);
    }
}

static void stop(struct invocation *invocation)
{
    struct units *units = invocation->own;
    while (units->next < units->batch->count) {
        struct unit *unit = &units->units[units->next++];
        if (unit->accounts != NULL)
            open_spread(unit);
        else if (unit->target != NULL && unit->first == NULL)
            put_off(unit);
    }
    stop_spreading(units);
    maybe_end(units);
}

static void reply(struct invocation *invocation)
{
    const struct units *units = invocation->own;
    for (size_t i = 0; i < units->batch->count; i++) {
        const struct unit *first = units->units[i].first;
        units->batch->items[i].done |= first != NULL && first->item->done;
    }
}

static void measure(const struct invocation *invocation, struct metric_line *line)
{
    const struct units *units = invocation->own;
    metric_line_count(line, "ResourcesListed", units->found);
    metric_line_count(line, "PlacesListed", units->listed);
}

static void free_units(struct invocation *invocation)
{
    struct units *units = invocation->own;
    for (size_t i = 0; i < units->batch->count; i++) {
        resource_free(units->units[i].target);
        json_decref(units->units[i].accounts);
    }
    mem_free(units->units);
    mem_free(units);
}

const struct lambda_handler lambda_poll_units = {.takes_batch = true,
                                                 .start = start,
                                                 .stop = stop,
                                                 .reply = reply,
                                                 .measure = measure,
                                                 .free = free_units};
