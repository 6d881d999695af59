#include "state/organization_list.h"

#include <string.h>

#include "accounts/organization_walk.h"
#include "aws/retry/retry.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "state/organization_shared.h"
#include "state/state_table_internal.h"
#include "value/json.h"

#define RENEW_S 900        /* for a shared list */
#define RENEW_ALONE_S 2700 /* for a list that only this process uses */
#define MAX_AGE_S 3600
#define CLOCKS_S 300  /* maximum difference between clocks */
#define AGAIN_S 60    /* after a failure, if there is an older list */
#define PAUSE_MS 2000 /* while another process lists */

struct organization_list {
    const struct settings *settings;
    json_t *parents;
    struct organization_known known;
    char *generation; /* in the table, of the known list; NULL: none */
    int64_t failed_s; /* when renewing the list failed */
    struct organization_listing *listing;
    struct organization_shared *shared; /* NULL: there is no table */

    const struct context *context; /* during a load */
    struct loop_timer *pause, *half;
    bool alone;   /* the table is not used for this load */
    bool falling; /* falls back to the older list of the table */
    bool stopped;
    struct err err;
    message_done done;
    void *arg;
};

static void on_page(void *arg);
static void on_listed(void *arg, const struct err *err);

/* ---- what is known ---- */

struct organization_list *organization_list_new(const struct settings *settings)
{
    struct organization_list *list = mem_alloc(sizeof *list);
    const struct organization_listing_target target = {
        .page = on_page, .done = on_listed, .arg = list};
    *list = (struct organization_list){.settings = settings, .parents = json_array()};
    list->listing = organization_listing_new(settings, list->parents, target);
    return list;
}

static void forget(struct organization_list *list)
{
    organization_known_clear(&list->known);
    mem_free(list->generation);
    list->generation = NULL;
}

void organization_list_free(struct organization_list *list)
{
    if (list == NULL)
        return;
    if (list->context != NULL) {
        loop_cancel(list->context->loop, list->pause);
        loop_cancel(list->context->loop, list->half);
    }
    forget(list);
    organization_listing_free(list->listing);
    organization_shared_free(list->shared);
    json_decref(list->parents);
    mem_free(list);
}

void organization_list_add(struct organization_list *list, const char *parent)
{
    json_array_append_new(list->parents, json_string(parent));
}

const struct organization_known *organization_list_known(const struct organization_list *list)
{
    return list->known.accounts != NULL ? &list->known : NULL;
}

static bool is_younger(int64_t listed_s, int64_t age_s)
{
    int64_t age = state_now_s() - listed_s;
    return listed_s != 0 && age >= -CLOCKS_S && age < age_s;
}

static bool is_good(const struct organization_list *list)
{
    return is_younger(list->known.listed_s, MAX_AGE_S);
}

/* ---- the end of a load ---- */

static void call_back(void *arg)
{
    struct organization_list *list = arg;
    loop_cancel(list->context->loop, list->half);
    list->half = NULL;
    list->context = NULL;
    list->done(list->arg, list->err.kind != ERR_NONE ? &list->err : NULL);
}

static void call_back_soon(struct organization_list *list)
{
    loop_defer(list->context->loop, call_back, list);
}

static void warn(const struct organization_list *list, const struct err *err)
{
    log_warn("the organization cannot be listed now (%s): the list from %lld minutes ago is used",
             err->message, (long long)(state_now_s() - list->known.listed_s) / 60);
}

/* Uses the known list if it is still new enough. */
static void give_up(struct organization_list *list, const struct err *err)
{
    list->err = *err;
    if (is_good(list)) {
        warn(list, err);
        list->err = (struct err){0};
    } else {
        forget(list);
    }
    call_back_soon(list);
}

static bool uses_table(const struct organization_list *list)
{
    return list->shared != NULL && !list->alone;
}

static void fetch(struct organization_list *list);

/* Refused or interrupted: there may be an older list. */
static void fail(struct organization_list *list, const struct err *err)
{
    list->failed_s = state_now_s();
    if (uses_table(list) && !organization_listing_is_partial(list->listing))
        organization_shared_release(list->shared);
    if (uses_table(list) && !is_good(list) &&
        is_younger(organization_shared_listed(list->shared), MAX_AGE_S)) {
        list->falling = true;
        list->err = *err;
        fetch(list);
    } else {
        give_up(list, err);
    }
}

/* ---- asking AWS ---- */

static void on_page(void *arg)
{
    const struct organization_list *list = arg;
    if (uses_table(list))
        organization_shared_keep(list->shared);
}

/* This process has the list, whether it was shared or not. */
static void on_stored(void *arg, const struct err *err)
{
    struct organization_list *list = arg;
    if (state_is_conflict(err))
        log_warn("the list of the organization is not shared: another process lists as well");
    else if (err != NULL)
        state_note(list->context->state, err);
    else
        list->generation = mem_strdup(organization_shared_generation(list->shared));
    call_back_soon(list);
}

static void on_listed(void *arg, const struct err *err)
{
    struct organization_list *list = arg;
    if (err != NULL) {
        fail(list, err);
        return;
    }
    forget(list);
    organization_listing_take(list->listing, &list->known);
    log_info("the organization was listed: %zu accounts", json_object_size(list->known.accounts));
    if (uses_table(list))
        organization_shared_store(list->shared, &list->known, on_stored, list);
    else
        call_back_soon(list);
}

static void stop_at_half(void *arg)
{
    struct organization_list *list = arg;
    list->half = NULL;
    organization_listing_stop(list->listing);
}

/* If there is an older list, half of the time is left for the work that needs it. */
static void share_time(struct organization_list *list)
{
    const struct context *context = list->context;
    int64_t listed_s = uses_table(list) ? organization_shared_listed(list->shared) : 0;
    int64_t left_ms = context->stop_ms - clock_mono_ms();
    if (context->stop_ms == 0 || (!is_good(list) && !is_younger(listed_s, MAX_AGE_S)))
        return;
    list->half = loop_after(context->loop, left_ms > 0 ? left_ms / 2 : 0, stop_at_half, list);
    loop_timer_background(context->loop, list->half);
}

static void ask(struct organization_list *list)
{
    struct err err = {0};
    if (list->stopped) {
        err_set(&err, ERR_TIMEOUT, "there was not enough time to start");
        fail(list, &err);
        return;
    }
    share_time(list);
    organization_listing_start(list->listing, list->context);
}

/* ---- asking the table ---- */

static void read_head(void *arg);

/* After an error that may be transient no process lists alone, because all would do so at once. */
static void do_without(struct organization_list *list, const struct err *err)
{
    if (retry_is_transient(err)) {
        give_up(list, err);
        return;
    }
    state_note(list->context->state, err);
    list->alone = true;
    ask(list);
}

static void wait(struct organization_list *list)
{
    struct err err = {0};
    if (is_good(list)) {
        call_back_soon(list);
    } else if (list->stopped || context_is_late(list->context)) {
        err_set(&err, ERR_TIMEOUT,
                "another process lists it, and there was not enough time to wait for that");
        give_up(list, &err);
    } else {
        list->pause = loop_after(list->context->loop, PAUSE_MS, read_head, list);
    }
}

static void on_claimed(void *arg, const struct err *err)
{
    struct organization_list *list = arg;
    if (state_is_conflict(err))
        read_head(list);
    else if (err != NULL)
        do_without(list, err);
    else
        ask(list);
}

static void decide(struct organization_list *list)
{
    bool claimed = organization_shared_claimed(list->shared);
    if (is_younger(organization_shared_listed(list->shared), claimed ? MAX_AGE_S : RENEW_S))
        fetch(list);
    else if (claimed)
        wait(list);
    else
        organization_shared_claim(list->shared, on_claimed, list);
}

static void take(struct organization_list *list, json_t *accounts, const char *id)
{
    forget(list);
    if (!list->falling)
        organization_listing_forget(list->listing);
    list->known = (struct organization_known){.accounts = json_incref(accounts),
                                              .id = mem_strdup(id),
                                              .listed_s = organization_shared_listed(list->shared)};
    list->generation = mem_strdup(organization_shared_generation(list->shared));
    if (list->falling)
        warn(list, &list->err);
    list->err = (struct err){0};
    call_back_soon(list);
}

static void on_fetched(void *arg, json_t *accounts, const char *id, const struct err *err)
{
    struct organization_list *list = arg;
    if (err == NULL) {
        take(list, accounts, id);
    } else if (list->falling || retry_is_transient(err)) {
        give_up(list, list->falling ? &list->err : err);
    } else {
        state_note(list->context->state, err);
        organization_shared_forget(list->shared);
        decide(list);
    }
}

static void fetch(struct organization_list *list)
{
    const char *generation = organization_shared_generation(list->shared);
    if (list->generation != NULL && strcmp(list->generation, generation) == 0)
        call_back_soon(list);
    else
        organization_shared_fetch(list->shared, on_fetched, list);
}

static void on_head(void *arg, const struct err *err)
{
    struct organization_list *list = arg;
    if (err != NULL)
        do_without(list, err);
    else
        decide(list);
}

static void read_head(void *arg)
{
    struct organization_list *list = arg;
    list->pause = NULL;
    organization_shared_read(list->shared, on_head, list);
}

/* ---- loading ---- */

static void open_table(struct organization_list *list)
{
    struct state_table *table = list->context->state;
    if (table != NULL && list->shared == NULL)
        list->shared = organization_shared_new(
            table, json_get_string(list->settings->for_policies, "organization_account", ""),
            list->parents);
}

static void load(void *arg)
{
    struct organization_list *list = arg;
    open_table(list);
    if (is_younger(list->known.listed_s, list->shared != NULL ? RENEW_S : RENEW_ALONE_S) ||
        (is_good(list) && is_younger(list->failed_s, AGAIN_S)))
        call_back(list);
    else if (list->shared != NULL)
        read_head(list);
    else
        ask(list);
}

void organization_list_load(struct organization_list *list, const struct context *context,
                            message_done done, void *arg)
{
    list->context = context;
    list->alone = list->falling = list->stopped = false;
    list->err = (struct err){0};
    list->done = done;
    list->arg = arg;
    loop_defer(context->loop, load, list);
}

void organization_list_stop(struct organization_list *list)
{
    list->stopped = true;
    organization_listing_stop(list->listing);
    if (list->pause == NULL)
        return;
    loop_cancel(list->context->loop, list->pause);
    list->pause = NULL;
    wait(list);
}
