#include "state/state_notify.h"

#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "policy/finding.h"
#include "publish/publish.h"
#include "state/state_compare.h"
#include "state/state_diff.h"
#include "state/state_item.h"
#include "state/state_table_internal.h"
#include "value/json.h"

/* The time of the last audit is stored this often. */
#define SEEN_EVERY_S (STATE_DAY_S / 2)
/* How long a claim is valid: longer than SNS takes, shorter than a queue hides a message. */
#define LEASE_S 60
#define PAUSE_MS 1000

struct notification {
    const struct context *context;
    struct state_table *table;
    struct state_compare compare;
    message_done done;
    void *arg;
    char *key;
    char token[37]; /* identifies this notification: which claim is its own */
    int64_t revision;
    size_t waiting; /* notifications without a response */
    bool unwritten; /* the table cannot be reached: nothing is stored */
    struct err err; /* of a notification */
};

/* One notification. */
struct notice {
    struct notification *notification;
    json_t *finding, *debt;
};

static void read_known(void *arg);

static void finish(struct notification *notification)
{
    message_done done = notification->done;
    void *arg = notification->arg;
    struct err err = notification->err;
    json_decref(notification->compare.content);
    json_decref(notification->compare.news);
    json_decref(notification->compare.debts);
    mem_free(notification->key);
    mem_free(notification);
    done(arg, err.kind != ERR_NONE ? &err : NULL);
}

static void write_down(struct notification *notification, message_done done)
{
    state_put_resource(notification->table, notification->key, notification->compare.content,
                       notification->revision, done, notification);
}

/* ---- after the notification ---- */

static const json_t *claim_of(const json_t *content)
{
    return json_object_get(content, "claim");
}

static bool is_own(const struct notification *notification, const json_t *claim)
{
    return strcmp(json_get_string(claim, "token", ""), notification->token) == 0;
}

static void on_kept(void *arg, const struct err *err);

/* Another process has recorded a repair that it begins, and left the claim in place: its record is
 * kept. If the claim is gone or another's, it was too old. */
static void on_interfered(void *arg, const struct state_item *item, const struct err *err)
{
    struct notification *notification = arg;
    const json_t *claim = err == NULL ? claim_of(item->content) : NULL;
    if (!is_own(notification, claim) || json_get_integer(claim, "until", 0) <= state_now_s()) {
        on_kept(notification, err);
        return;
    }
    json_object_set(notification->compare.content, "begun",
                    json_object_get(item->content, "begun"));
    notification->revision = item->revision;
    write_down(notification, on_kept);
}

/* If this write fails, the findings are notified again. */
static void on_kept(void *arg, const struct err *err)
{
    struct notification *notification = arg;
    if (state_is_conflict(err)) {
        state_get(notification->table, notification->key, on_interfered, notification);
        return;
    }
    if (err != NULL)
        state_note(notification->table, err);
    finish(notification);
}

static void settle(struct notification *notification)
{
    if (notification->unwritten) {
        finish(notification);
        return;
    }
    json_object_del(notification->compare.content, "claim");
    write_down(notification, on_kept);
}

static void remove_debt(const struct notification *notification, const json_t *debt)
{
    size_t i;
    json_t *owed;
    json_array_foreach (state_compare_owed(&notification->compare), i, owed) {
        if (owed == debt) {
            json_array_remove(state_compare_owed(&notification->compare), i);
            return;
        }
    }
}

static void settle_one(struct notification *notification)
{
    if (--notification->waiting == 0)
        settle(notification);
}

static void on_notified(void *arg, const struct err *err)
{
    struct notice notice = *(struct notice *)arg;
    mem_free(arg);
    if (err != NULL)
        notice.notification->err = *err;
    else if (json_is_null(notice.debt))
        state_compare_keep(&notice.notification->compare, notice.finding);
    else
        remove_debt(notice.notification, notice.debt);
    json_decref(notice.finding);
    json_decref(notice.debt);
    settle_one(notice.notification);
}

/* Without the table it is not known whether the finding is new. */
static struct publish_order order_of(const struct notification *notification, const json_t *finding)
{
    const json_t *checks = state_compare_checks(&notification->compare);
    const json_t *known = json_object_get(checks, finding_get(finding, "check"));
    struct publish_order order = {.resource = notification->compare.look.resource,
                                  .finding = finding,
                                  .change = CHANGE_UNKNOWN};
    if (notification->unwritten)
        return order;
    order.change = known != NULL ? CHANGE_CHANGED : CHANGE_NEW;
    order.created_s = json_get_integer(known, "since", 0);
    return order;
}

static void notify(struct notification *notification)
{
    size_t i;
    json_t *finding;
    notification->waiting = 1;
    json_array_foreach (notification->compare.news, i, finding) {
        struct notice *notice = mem_alloc(sizeof *notice);
        *notice =
            (struct notice){.notification = notification,
                            .finding = json_incref(finding),
                            .debt = json_incref(json_array_get(notification->compare.debts, i))};
        notification->waiting++;
        const struct publish_order order = order_of(notification, finding);
        publish_finding(notification->context, &order, on_notified, notice);
    }
    settle_one(notification);
}

/* Notifies everything, as without a table. */
static void notify_all(struct notification *notification, const struct err *err)
{
    size_t i;
    json_t *finding;
    state_note(notification->table, err);
    notification->unwritten = true;
    state_compare_clear(&notification->compare);
    json_array_foreach (notification->compare.look.findings, i, finding) {
        if (finding_is_notified(finding))
            state_compare_add(&notification->compare, finding, NULL);
    }
    notify(notification);
}

/* ---- before the notification ---- */

static void read_again(struct notification *notification)
{
    struct err err = {0};
    if (!context_is_late(notification->context)) {
        loop_after(notification->context->loop, PAUSE_MS, read_known, notification);
        return;
    }
    err_set(&err, ERR_TIMEOUT, "another process is notifying about %s, and the time is up",
            notification->compare.look.resource->id);
    notification->err = err;
    finish(notification);
}

static void on_claimed(void *arg, const struct err *err)
{
    struct notification *notification = arg;
    if (state_is_conflict(err)) {
        read_again(notification);
    } else if (err != NULL) {
        notify_all(notification, err);
    } else {
        notification->revision++;
        notify(notification);
    }
}

/* The earlier finding of the check is over; no separate notification says so. */
static void owe(struct notification *notification)
{
    size_t i;
    json_t *finding;
    json_array_foreach (notification->compare.news, i, finding) {
        if (!state_is_owed(finding) ||
            !json_is_null(json_array_get(notification->compare.debts, i)))
            continue;
        json_t *debt = state_owed(finding);
        json_array_append(state_compare_owed(&notification->compare), debt);
        json_array_set_new(notification->compare.debts, i, debt);
        state_compare_keep(&notification->compare, finding);
    }
}

static void claim(struct notification *notification)
{
    owe(notification);
    json_object_set_new(notification->compare.content, "claim",
                        json_pack("{s:s, s:I}", "token", notification->token, "until",
                                  (json_int_t)(state_now_s() + LEASE_S)));
    write_down(notification, on_claimed);
}

/* Nobody claims for longer than LEASE_S. Without this limit a wrong clock, or anyone else who can
 * write to the table, could hold back a notification for good. */
static bool is_claimed(const struct notification *notification)
{
    const json_t *claim = claim_of(notification->compare.content);
    int64_t left_s = json_get_integer(claim, "until", 0) - state_now_s();
    return left_s > 0 && left_s <= 2 * LEASE_S && !is_own(notification, claim);
}

static void note_look(const struct notification *notification)
{
    bool known = json_object_get(notification->compare.content, "seen") != NULL;
    if (!notification->compare.look.asked || !known)
        json_object_set_new(notification->compare.content, "seen",
                            json_integer((json_int_t)state_now_s()));
}

/* Records of the resource are kept, and "seen" in the table is too old. */
static bool is_getting_old(const struct notification *notification, const struct state_item *item)
{
    int64_t seen_s = json_get_integer(item->content, "seen", 0);
    return json_object_size(state_compare_checks(&notification->compare)) > 0 &&
           !notification->compare.look.asked && seen_s < state_now_s() - SEEN_EVERY_S;
}

static void on_known(void *arg, const struct state_item *item, const struct err *err)
{
    struct notification *notification = arg;
    if (err != NULL) {
        notify_all(notification, err);
        return;
    }
    json_decref(notification->compare.content);
    notification->compare.content = json_deep_copy(item->content);
    notification->revision = item->revision;
    state_name(notification->compare.content, notification->compare.look.resource);
    bool dropped = state_compare_all(&notification->compare);
    note_look(notification);
    if (json_array_size(notification->compare.news) > 0 && is_claimed(notification))
        read_again(notification);
    else if (json_array_size(notification->compare.news) > 0)
        claim(notification);
    else if (!is_claimed(notification) && (dropped || is_getting_old(notification, item)))
        settle(notification);
    else
        finish(notification);
}

static void read_known(void *arg)
{
    struct notification *notification = arg;
    state_get(notification->table, notification->key, on_known, notification);
}

void state_notify(const struct context *context, const struct state_look *look, message_done done,
                  void *arg)
{
    struct notification *notification = mem_alloc(sizeof *notification);
    *notification = (struct notification){
        .context = context,
        .table = context->state,
        .compare = {.look = *look, .news = json_array(), .debts = json_array()},
        .done = done,
        .arg = arg};
    random_uuid(notification->token);
    notification->key = state_key("resource", look->resource, look->global, "");
    read_known(notification);
}
