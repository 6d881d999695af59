#include "app/lambda/lambda_spread.h"

#include <string.h>

#include "accounts/accounts.h"
#include "app/lambda/lambda_account.h"
#include "app/lambda/lambda_poll.h"
#include "aws/retry/retry.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "intake/poll.h"
#include "notify/message_queue.h"
#include "settings/organization.h"
#include "value/json.h"

#define PAUSE_MS 10        /* until the queue is checked again, while it is full */
#define MOST_ACCOUNTS 1000 /* in one message: 15 KB of the 256 KB of SQS */
#define MOST_BYTES                                                                                 \
    (256u * 1024) /* Amazon SQS Developer Guide, "message quotas", of older queues                 \
                   */

struct spread {
    struct services *services;
    struct accounts *accounts; /* that the settings name */
    json_t *ids;               /* of accounts still to become targets, from `at` on */
    size_t at;
    struct organization_walk *walk; /* NULL: the organization is not listed */
    bool one;                       /* the message of one account, for REGIONS=all */
    struct account_places *account; /* NULL: it was not asked for its regions */
    struct message_queue *queue;
    struct loop_timer *pause;   /* until the queue is checked again */
    struct loop_timer *silence; /* until a page of accounts that does not come is given up */
    int attempt;
    bool started, walking, stopped, closing;
    size_t targets, listed, pages;
    bool left;
    struct err err;
    spread_done done;
    void *arg;
};

bool spread_is_message(const json_t *message)
{
    return strcmp(json_get_string(message, "type", ""), "poll-accounts") == 0;
}

/* ---- the end ---- */

static void on_closed(void *arg, const struct err *err)
{
    struct spread *spread = arg;
    if (err != NULL && spread->err.kind == ERR_NONE)
        spread->err = *err;
    spread->done(spread->arg, spread->err.kind != ERR_NONE ? &spread->err : NULL);
}

static void close_queue(struct spread *spread)
{
    spread->closing = true;
    message_queue_close(spread->queue, on_closed, spread);
}

static void fail(struct spread *spread, const struct err *err)
{
    if (spread->err.kind == ERR_NONE)
        spread->err = *err;
}

/* ---- work for another invocation ---- */

static void put(struct spread *spread, json_t *message, int delay_s)
{
    json_object_set_new(message, "type", json_string("poll-accounts"));
    message_queue_put(spread->queue, message, delay_s);
    json_decref(message);
}

static void put_accounts(struct spread *spread, json_t *ids)
{
    int attempt = spread->one ? spread->attempt : 0;
    put(spread, json_pack("{s:o, s:i}", "accounts", ids, "attempt", attempt), 0);
}

static void queue_accounts(struct spread *spread)
{
    while (spread->at < json_array_size(spread->ids)) {
        json_t *ids = json_array();
        while (spread->at < json_array_size(spread->ids) && json_array_size(ids) < MOST_ACCOUNTS)
            json_array_append(ids, json_array_get(spread->ids, spread->at++));
        put_accounts(spread, ids);
        spread->left = true;
    }
}

/* A listing that made progress is not a failed attempt, whatever interrupted it. */
static int next_attempt(const struct spread *spread, const struct err *why)
{
    return why == NULL || spread->pages > 0 ? 0 : spread->attempt + 1;
}

static void queue_rest_of_walk(struct spread *spread, const struct err *why)
{
    struct err err = {0};
    json_t *left = organization_walk_left(spread->walk);
    int attempt = next_attempt(spread, why);
    if (left == NULL)
        return;
    json_object_set_new(left, "attempt", json_integer(attempt));
    char *text = json_text(left);
    size_t length = strlen(text);
    mem_free(text);
    if (attempt > LAMBDA_POLL_ATTEMPTS || length > MOST_BYTES) {
        err_set(&err, ERR_LIMIT, "the organization was not listed in %d attempts", attempt);
        fail(spread, why != NULL && length <= MOST_BYTES ? why : &err);
        json_decref(left);
        return;
    }
    put(spread, left, why != NULL ? lambda_poll_delay(attempt) : 0);
    spread->left = true;
}

/* ---- the organization ---- */

static void on_accounts(void *arg, const json_t *accounts, const char *unit)
{
    struct spread *spread = arg;
    size_t i;
    json_t *account;
    json_t *ids = json_array();
    (void)unit;
    json_array_foreach (accounts, i, account) {
        if (accounts_take(spread->accounts, account))
            json_array_append(ids, json_object_get(account, "Id"));
    }
    spread->pages++;
    spread->listed += json_array_size(ids);
    if (json_array_size(ids) > 0)
        put_accounts(spread, ids);
    else
        json_decref(ids);
}

static void on_listed(void *arg, const struct err *err)
{
    struct spread *spread = arg;
    loop_cancel(spread->services->loop, spread->silence);
    spread->silence = NULL;
    if (err != NULL && !retry_is_transient(err))
        fail(spread, err);
    else
        queue_rest_of_walk(spread, err);
    close_queue(spread);
}

/* Another invocation requests the page: if this one waited on, it would fail, and the schedule
 * would begin again with the first page. */
static void on_silence(void *arg)
{
    struct spread *spread = arg;
    struct err err = {0};
    spread->silence = NULL;
    organization_walk_abandon(spread->walk);
    err_set(&err, ERR_TIMEOUT, "AWS Organizations did not respond in time");
    queue_rest_of_walk(spread, &err);
    close_queue(spread);
}

/* ---- targets ---- */

/* The message of an account may have to be repeated; places of other accounts must not be sent
 * twice then. */
static void put_account(struct spread *spread, const char *account)
{
    json_t *message = lambda_poll_account(account, 0);
    message_queue_put(spread->queue, message, 0);
    json_decref(message);
    spread->listed++;
}

/* False: nothing can be polled, and *err says why. */
static bool put_targets(struct spread *spread, const char *account, struct err *err)
{
    char *items[] = {(char *)(uintptr_t)account};
    const struct text_list only = {.items = items, .count = 1};
    struct context context = spread->services->context;
    context.accounts = &only;
    struct poll *poll = poll_new(&context, NULL, NULL, err);
    if (poll == NULL)
        return false;
    for (size_t i = 0; i < poll_targets(poll); i++) {
        const struct poll_target *target = poll_target(poll, i);
        json_t *message =
            lambda_poll_message(target->account, target->region, target->policy->type, 0);
        message_queue_put(spread->queue, message, 0);
        json_decref(message);
    }
    spread->targets += poll_targets(poll);
    poll_free(poll);
    return true;
}

static void end_accounts(struct spread *spread)
{
    if (spread->walk == NULL || spread->err.kind != ERR_NONE) {
        close_queue(spread);
        return;
    }
    spread->walking = true;
    organization_walk_start(spread->walk);
}

static void put_more(void *arg)
{
    struct spread *spread = arg;
    spread->pause = NULL;
    while (spread->at < json_array_size(spread->ids) && !message_queue_full(spread->queue)) {
        const char *account = json_string_value(json_array_get(spread->ids, spread->at++));
        if (spread->services->settings.all_regions)
            put_account(spread, account);
        else if (!put_targets(spread, account, &spread->err))
            break;
    }
    if (spread->err.kind == ERR_NONE && spread->at < json_array_size(spread->ids))
        spread->pause = loop_after(spread->services->loop, PAUSE_MS, put_more, spread);
    else
        end_accounts(spread);
}

static void on_account(void *arg, const struct err *err)
{
    struct spread *spread = arg;
    if (err != NULL)
        fail(spread, err);
    spread->targets = account_places_sent(spread->account);
    close_queue(spread);
}

void spread_start(struct spread *spread)
{
    spread->started = true;
    if (!spread->one) {
        put_more(spread);
        return;
    }
    const char *account = json_string_value(json_array_get(spread->ids, spread->at++));
    spread->account = account_places_new(spread->services, spread->queue, account, spread->attempt);
    account_places_start(spread->account, on_account, spread);
}

void spread_stop(struct spread *spread, int64_t cut_ms)
{
    if (spread->stopped || spread->closing)
        return;
    spread->stopped = true;
    if (spread->account != NULL) /* it waits for one response, for which there is time */
        return;
    if (spread->walking) {
        int64_t left = cut_ms - clock_mono_ms();
        organization_walk_stop(spread->walk);
        spread->silence =
            loop_after(spread->services->loop, left > 0 ? left / 2 : 0, on_silence, spread);
        return;
    }
    loop_cancel(spread->services->loop, spread->pause);
    spread->pause = NULL;
    queue_accounts(spread);
    if (spread->walk != NULL)
        queue_rest_of_walk(spread, NULL);
    close_queue(spread);
}

json_t *spread_tally(const struct spread *spread)
{
    json_t *tally = json_pack("{s:I}", "places", (json_int_t)spread->targets);
    if (spread->walk != NULL || spread->services->settings.all_regions)
        json_object_set_new(tally, "accounts", json_integer((json_int_t)spread->listed));
    if (spread->left)
        json_object_set_new(tally, "left", json_true());
    return tally;
}

/* ---- the start ---- */

static int open_walk(struct spread *spread, struct err *err)
{
    struct services *services = spread->services;
    const struct organization_target target = {
        .accounts = on_accounts, .done = on_listed, .arg = spread};
    spread->walk = organization_walk_new(&services->settings, services->client, services->sessions,
                                         &target, err);
    if (spread->walk == NULL)
        return -1;
    accounts_add_parents(spread->accounts, spread->walk);
    return 0;
}

/* Anyone who can write to the queue decides which accounts are polled, but not what the settings
 * mean. */
static int read_message(struct spread *spread, const json_t *message, struct err *err)
{
    size_t i;
    json_t *id;
    json_array_foreach (json_object_get(message, "accounts"), i, id) {
        if (!json_is_string(id) || !organization_is_account(json_string_value(id)))
            return err_set(err, ERR_PARSE, "\"accounts\" must contain account ids");
        json_array_append(spread->ids, id);
    }
    json_int_t attempt = json_get_integer(message, "attempt", 0);
    if (attempt < 0 || attempt > LAMBDA_POLL_ATTEMPTS)
        return err_set(err, ERR_PARSE, "\"attempt\" must be 0 to %d", LAMBDA_POLL_ATTEMPTS);
    spread->attempt = (int)attempt;
    if (json_object_get(message, "parents") == NULL) {
        spread->one = spread->services->settings.all_regions && json_array_size(spread->ids) == 1;
        return 0;
    }
    if (!accounts_ask_organization(spread->accounts))
        return err_set(err, ERR_PARSE, "ACCOUNTS no longer names an organization");
    return open_walk(spread, err) == 0 ? organization_walk_resume(spread->walk, message, err) : -1;
}

static int read_settings(struct spread *spread, struct err *err)
{
    const struct text_list *named = accounts_list(spread->accounts);
    bool asks = accounts_ask_organization(spread->accounts);
    for (size_t i = 0; i < named->count; i++)
        json_array_append_new(spread->ids, json_string(named->items[i]));
    if (named->count == 0 && !asks)
        json_array_append_new(spread->ids, json_string(spread->services->caller));
    return asks ? open_walk(spread, err) : 0;
}

static int open_spread(struct spread *spread, const json_t *message, struct err *err)
{
    struct services *services = spread->services;
    spread->accounts = accounts_new(&services->settings, err);
    if (spread->accounts == NULL)
        return -1;
    if (services->settings.poll_queue == NULL)
        return err_set(err, ERR_USAGE, "POLL_QUEUE is not set, so nothing can be sent to it");
    if ((message != NULL ? read_message(spread, message, err) : read_settings(spread, err)) != 0)
        return -1;
    spread->queue = message_queue_open(services->message, services->settings.poll_queue, err);
    return spread->queue != NULL ? 0 : -1;
}

struct spread *spread_new(struct services *services, const json_t *message, struct err *err,
                          spread_done done, void *arg)
{
    struct spread *spread = mem_alloc(sizeof *spread);
    *spread = (struct spread){.services = services, .ids = json_array(), .done = done, .arg = arg};
    if (open_spread(spread, message, err) == 0)
        return spread;
    spread_free(spread);
    return NULL;
}

void spread_free(struct spread *spread)
{
    if (spread == NULL)
        return;
    loop_cancel(spread->services->loop, spread->silence);
    organization_walk_free(spread->walk);
    account_places_free(spread->account);
    accounts_free(spread->accounts);
    json_decref(spread->ids);
    mem_free(spread);
}
