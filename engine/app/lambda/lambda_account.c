#include "app/lambda/lambda_account.h"

#include "accounts/enabled_regions.h"
#include "app/lambda/lambda_poll.h"
#include "app/lambda/lambda_unlisted.h"
#include "app/services/metric.h"
#include "aws/retry/retry.h"
#include "base/log.h"
#include "base/mem.h"
#include "intake/poll.h"
#include "policy/finding.h"
#include "policy/finding_entry.h"

struct account_places {
    struct services *services;
    struct message_queue *queue;
    char *account;
    struct text_list only; /* the account */
    int attempt;
    struct context context;          /* in which it is the only account */
    struct enabled_regions *regions; /* NULL: they are not being asked for, or are not known */
    struct poll *poll;               /* has the places */
    bool refused;                    /* nothing of the account is polled */
    size_t sent, unlisted;
    message_done done;
    void *arg;
};

struct account_places *account_places_new(struct services *services, struct message_queue *queue,
                                          const char *account, int attempt)
{
    struct account_places *places = mem_alloc(sizeof *places);
    *places = (struct account_places){.services = services,
                                      .queue = queue,
                                      .account = mem_strdup(account),
                                      .attempt = attempt,
                                      .context = services->context};
    places->only = (struct text_list){.items = &places->account, .count = 1};
    places->context.accounts = &places->only;
    return places;
}

void account_places_free(struct account_places *places)
{
    if (places == NULL)
        return;
    poll_free(places->poll);
    enabled_regions_free(places->regions);
    mem_free(places->account);
    mem_free(places);
}

size_t account_places_sent(const struct account_places *places)
{
    return places->sent;
}

/* ---- places ---- */

static int open_poll(struct account_places *places, struct err *err)
{
    places->context.regions = places->regions;
    places->poll = poll_new(&places->context, NULL, NULL, err);
    return places->poll != NULL ? 0 : -1;
}

/* global_only: those of types that no region has. */
static void put_places(struct account_places *places, bool global_only)
{
    for (size_t i = 0; i < poll_targets(places->poll); i++) {
        const struct poll_target *target = poll_target(places->poll, i);
        if (global_only && !target->policy->global)
            continue;
        json_t *message =
            lambda_poll_message(target->account, target->region, target->policy->type, 0);
        message_queue_put(places->queue, message, 0);
        json_decref(message);
        places->sent++;
    }
}

/* ---- an account whose regions are not known ---- */

static void on_lines(void *arg, const struct err *err)
{
    struct account_places *places = arg;
    if (err == NULL) {
        metric_count("PlacesNotListed", places->unlisted, NULL);
        if (!places->refused)
            put_places(places, true);
    }
    places->done(places->arg, err);
}

static void put_lines(struct account_places *places, const struct err *why, struct line_sink *lines)
{
    size_t count = poll_targets(places->poll);
    for (size_t i = 0; i < count; i++) {
        const struct poll_target *target = poll_target(places->poll, i);
        if (places->refused ? i > 0 : target->policy->global)
            continue;
        lambda_put_not_listed(target, why, places->refused ? count : 1, lines);
        places->unlisted += places->refused ? count : 1;
    }
}

static bool is_refused(const struct account_places *places, const struct err *why)
{
    json_t *error = finding_error_json(why);
    bool refused = finding_entry_refused(error, places->account);
    json_decref(error);
    return refused;
}

static void give_up(struct account_places *places, const struct err *why)
{
    struct err err = {0};
    struct services *services = places->services;
    const char *url = settings_queue(&services->settings, true);
    places->refused = is_refused(places, why);
    log_error("account %s: %s", places->account, why->message);
    struct line_sink *lines =
        open_poll(places, &err) == 0 ? line_sink_open(services->message, url, &err) : NULL;
    if (lines == NULL) {
        places->done(places->arg, &err);
        return;
    }
    put_lines(places, why, lines);
    line_sink_close(lines, services->loop, on_lines, places);
}

static void requeue(struct account_places *places, int attempt, int delay_s)
{
    json_t *message = lambda_poll_account(places->account, attempt);
    message_queue_put(places->queue, message, delay_s);
    json_decref(message);
    places->done(places->arg, NULL);
}

/* ---- regions ---- */

static void fail(struct account_places *places, const struct err *why)
{
    const struct settings *settings = &places->services->settings;
    bool counts =
        lambda_poll_counts(places->services->client, places->account, settings->master_region, why);
    if (!retry_is_transient(why) || places->attempt >= LAMBDA_POLL_ATTEMPTS)
        give_up(places, why);
    else
        requeue(places, places->attempt + (counts ? 1 : 0), lambda_poll_delay(places->attempt));
}

static void on_regions(void *arg)
{
    struct account_places *places = arg;
    struct err err = {0};
    const struct err *why = enabled_regions_error(places->regions, places->account);
    if (why != NULL) {
        err = *why;
        enabled_regions_free(places->regions);
        places->regions = NULL;
        fail(places, &err);
        return;
    }
    if (open_poll(places, &err) == 0)
        put_places(places, false);
    places->done(places->arg, places->poll == NULL ? &err : NULL);
}

void account_places_start(struct account_places *places, message_done done, void *arg)
{
    places->done = done;
    places->arg = arg;
    places->regions = enabled_regions_load(&places->context, NULL, on_regions, places);
}
