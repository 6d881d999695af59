#include "state/state_told.h"

#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "notify/message_finding.h"
#include "policy/finding.h"
#include "state/state_compare.h"
#include "state/state_diff.h"
#include "state/state_item.h"
#include "state/state_table_internal.h"
#include "value/json.h"

/* The time of the last audit is written down this often. */
#define SEEN_EVERY_S (STATE_DAY_S / 2)
/* How long a claim is valid: longer than SNS takes, shorter than a queue hides a message. */
#define LEASE_S 60
#define PAUSE_MS 1000

struct telling {
    const struct context *context;
    struct state_table *table;
    struct state_compare compare;
    message_done done;
    void *arg;
    char *key;
    char token[37]; /* identifies this notification: which claim is its own */
    int64_t revision;
    size_t waiting; /* notifications without a response */
    bool unwritten; /* the table cannot be reached: nothing is written down */
    struct err err; /* of a notification */
};

/* One notification. */
struct notice {
    struct telling *telling;
    json_t *finding, *debt;
};

static void read_known(void *arg);

static void finish(struct telling *telling)
{
    message_done done = telling->done;
    void *arg = telling->arg;
    struct err err = telling->err;
    json_decref(telling->compare.content);
    json_decref(telling->compare.news);
    json_decref(telling->compare.debts);
    mem_free(telling->key);
    mem_free(telling);
    done(arg, err.kind != ERR_NONE ? &err : NULL);
}

static void write_down(struct telling *telling, message_done done)
{
    state_put_resource(telling->table, telling->key, telling->compare.content, telling->revision,
                       done, telling);
}

/* ---- after the notification ---- */

/* If this write fails, the findings are notified again; a conflict: the claim was too old. */
static void on_kept(void *arg, const struct err *err)
{
    struct telling *telling = arg;
    if (err != NULL && !state_is_conflict(err))
        state_note(telling->table, err);
    finish(telling);
}

static void settle(struct telling *telling)
{
    if (telling->unwritten) {
        finish(telling);
        return;
    }
    json_object_del(telling->compare.content, "claim");
    write_down(telling, on_kept);
}

static void pay(const struct telling *telling, const json_t *debt)
{
    size_t i;
    json_t *owed;
    json_array_foreach (state_compare_owed(&telling->compare), i, owed) {
        if (owed == debt) {
            json_array_remove(state_compare_owed(&telling->compare), i);
            return;
        }
    }
}

static void settle_one(struct telling *telling)
{
    if (--telling->waiting == 0)
        settle(telling);
}

static void on_notified(void *arg, const struct err *err)
{
    struct notice notice = *(struct notice *)arg;
    mem_free(arg);
    if (err != NULL)
        notice.telling->err = *err;
    else if (json_is_null(notice.debt))
        state_compare_keep(&notice.telling->compare, notice.finding);
    else
        pay(notice.telling, notice.debt);
    json_decref(notice.finding);
    json_decref(notice.debt);
    settle_one(notice.telling);
}

static void notify(struct telling *telling)
{
    size_t i;
    json_t *finding;
    telling->waiting = 1;
    json_array_foreach (telling->compare.news, i, finding) {
        struct notice *notice = mem_alloc(sizeof *notice);
        *notice = (struct notice){.telling = telling,
                                  .finding = json_incref(finding),
                                  .debt = json_incref(json_array_get(telling->compare.debts, i))};
        telling->waiting++;
        message_finding(telling->context->message, telling->compare.look.resource, finding,
                        on_notified, notice);
    }
    settle_one(telling);
}

/* Notifies everything, as without a table. */
static void tell_all(struct telling *telling, const struct err *err)
{
    size_t i;
    json_t *finding;
    state_note(telling->table, err);
    telling->unwritten = true;
    state_compare_clear(&telling->compare);
    json_array_foreach (telling->compare.look.findings, i, finding) {
        if (finding_is_notified(finding))
            state_compare_add(&telling->compare, finding, NULL);
    }
    notify(telling);
}

/* ---- before the notification ---- */

static void read_again(struct telling *telling)
{
    struct err err = {0};
    if (!context_is_late(telling->context)) {
        loop_after(telling->context->loop, PAUSE_MS, read_known, telling);
        return;
    }
    err_set(&err, ERR_TIMEOUT, "another process is telling of %s, and the time is over",
            telling->compare.look.resource->id);
    telling->err = err;
    finish(telling);
}

static void on_claimed(void *arg, const struct err *err)
{
    struct telling *telling = arg;
    if (state_is_conflict(err)) {
        read_again(telling);
    } else if (err != NULL) {
        tell_all(telling, err);
    } else {
        telling->revision++;
        notify(telling);
    }
}

/* The earlier finding of the check is over; no separate notification says so. */
static void owe(struct telling *telling)
{
    size_t i;
    json_t *finding;
    json_array_foreach (telling->compare.news, i, finding) {
        if (!state_is_owed(finding) || !json_is_null(json_array_get(telling->compare.debts, i)))
            continue;
        json_t *debt = state_owed(finding);
        json_array_append(state_compare_owed(&telling->compare), debt);
        json_array_set_new(telling->compare.debts, i, debt);
        state_compare_keep(&telling->compare, finding);
    }
}

static void claim(struct telling *telling)
{
    owe(telling);
    json_object_set_new(telling->compare.content, "claim",
                        json_pack("{s:s, s:I}", "token", telling->token, "until",
                                  (json_int_t)(state_now_s() + LEASE_S)));
    write_down(telling, on_claimed);
}

/* Nobody claims for longer than LEASE_S: a clock that is wrong, or who else can write to the table,
 * would hold the telling of it. */
static bool is_claimed(const struct telling *telling)
{
    const json_t *claim = json_object_get(telling->compare.content, "claim");
    int64_t left_s = json_get_integer(claim, "until", 0) - state_now_s();
    return left_s > 0 && left_s <= 2 * LEASE_S &&
           strcmp(json_get_string(claim, "token", ""), telling->token) != 0;
}

static void note_look(const struct telling *telling)
{
    bool known = json_object_get(telling->compare.content, "seen") != NULL;
    if (!telling->compare.look.asked || !known)
        json_object_set_new(telling->compare.content, "seen",
                            json_integer((json_int_t)state_now_s()));
}

/* Records of the resource are kept, and "seen" in the table is too old. */
static bool is_getting_old(const struct telling *telling, const struct state_item *item)
{
    int64_t seen_s = json_get_integer(item->content, "seen", 0);
    return json_object_size(state_compare_checks(&telling->compare)) > 0 &&
           !telling->compare.look.asked && seen_s < state_now_s() - SEEN_EVERY_S;
}

static void on_known(void *arg, const struct state_item *item, const struct err *err)
{
    struct telling *telling = arg;
    if (err != NULL) {
        tell_all(telling, err);
        return;
    }
    json_decref(telling->compare.content);
    telling->compare.content = json_deep_copy(item->content);
    telling->revision = item->revision;
    state_name(telling->compare.content, telling->compare.look.resource);
    bool dropped = state_compare_all(&telling->compare);
    note_look(telling);
    if (json_array_size(telling->compare.news) > 0 && is_claimed(telling))
        read_again(telling);
    else if (json_array_size(telling->compare.news) > 0)
        claim(telling);
    else if (!is_claimed(telling) && (dropped || is_getting_old(telling, item)))
        settle(telling);
    else
        finish(telling);
}

static void read_known(void *arg)
{
    struct telling *telling = arg;
    state_get(telling->table, telling->key, on_known, telling);
}

void state_told(const struct context *context, const struct state_look *look, message_done done,
                void *arg)
{
    struct telling *telling = mem_alloc(sizeof *telling);
    *telling =
        (struct telling){.context = context,
                         .table = context->state,
                         .compare = {.look = *look, .news = json_array(), .debts = json_array()},
                         .done = done,
                         .arg = arg};
    random_uuid(telling->token);
    telling->key = state_key("resource", look->resource, look->global, "");
    read_known(telling);
}
