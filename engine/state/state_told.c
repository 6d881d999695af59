#include "state/state_told.h"

#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "notify/message_finding.h"
#include "policy/finding.h"
#include "state/state_diff.h"
#include "state/state_item.h"
#include "state/state_table_internal.h"
#include "value/json.h"

/* The time of the last audit is written down this often. */
#define SEEN_EVERY_S (STATE_DAY_S / 2)
/* How long a claim is valid: longer than SNS takes, shorter than a queue hides a message. */
#define LEASE_S 60
#define PAUSE_MS 1000
/* Polls run every day: after this time no poll lists the target any more. */
#define UNPOLLED_S (7 * STATE_DAY_S)

struct telling {
    const struct context *context;
    struct state_table *table;
    struct state_look look;
    message_done done;
    void *arg;
    char *key;
    char token[37];  /* identifies this notification: which claim is its own */
    json_t *content; /* as it was read; later as it is to be written */
    int64_t revision;
    json_t *news;   /* findings to be notified */
    json_t *debts;  /* for each of them: the entry of "owed" in the content, or null */
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
    json_decref(telling->content);
    json_decref(telling->news);
    json_decref(telling->debts);
    mem_free(telling->key);
    mem_free(telling);
    done(arg, err.kind != ERR_NONE ? &err : NULL);
}

static json_t *checks_of(const struct telling *telling)
{
    return json_object_get(telling->content, "checks");
}

static json_t *owed_of(const struct telling *telling)
{
    return json_object_get(telling->content, "owed");
}

static void write_down(struct telling *telling, message_done done)
{
    state_put_resource(telling->table, telling->key, telling->content, telling->revision, done,
                       telling);
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
    json_object_del(telling->content, "claim");
    write_down(telling, on_kept);
}

static void keep(struct telling *telling, const json_t *finding)
{
    const char *check = finding_get(finding, "check");
    json_t *checks = checks_of(telling);
    json_t *record = state_record(json_object_get(checks, check), finding, state_now_s());
    if (record != NULL)
        json_object_set_new(checks, check, record);
    else
        json_object_del(checks, check);
}

static void pay(const struct telling *telling, const json_t *debt)
{
    size_t i;
    json_t *owed;
    json_array_foreach (owed_of(telling), i, owed) {
        if (owed == debt) {
            json_array_remove(owed_of(telling), i);
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
        keep(notice.telling, notice.finding);
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
    json_array_foreach (telling->news, i, finding) {
        struct notice *notice = mem_alloc(sizeof *notice);
        *notice = (struct notice){.telling = telling,
                                  .finding = json_incref(finding),
                                  .debt = json_incref(json_array_get(telling->debts, i))};
        telling->waiting++;
        message_finding(telling->context->message, telling->look.resource, finding, on_notified,
                        notice);
    }
    settle_one(telling);
}

static void add_news(struct telling *telling, json_t *finding, json_t *debt)
{
    json_array_append(telling->news, finding);
    json_array_append_new(telling->debts, debt != NULL ? json_incref(debt) : json_null());
}

static void clear_news(struct telling *telling)
{
    json_array_clear(telling->news);
    json_array_clear(telling->debts);
}

/* Notifies everything, as without a table. */
static void tell_all(struct telling *telling, const struct err *err)
{
    size_t i;
    json_t *finding;
    state_note(telling->table, err);
    telling->unwritten = true;
    clear_news(telling);
    json_array_foreach (telling->look.findings, i, finding) {
        if (finding_is_notified(finding))
            add_news(telling, finding, NULL);
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
            telling->look.resource->id);
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
    json_array_foreach (telling->news, i, finding) {
        if (!state_is_owed(finding) || !json_is_null(json_array_get(telling->debts, i)))
            continue;
        json_t *debt = state_owed(finding);
        json_array_append(owed_of(telling), debt);
        json_array_set_new(telling->debts, i, debt);
        keep(telling, finding);
    }
}

static void claim(struct telling *telling)
{
    owe(telling);
    json_object_set_new(telling->content, "claim",
                        json_pack("{s:s, s:I}", "token", telling->token, "until",
                                  (json_int_t)(state_now_s() + LEASE_S)));
    write_down(telling, on_claimed);
}

/* Nobody claims for longer than LEASE_S: a clock that is wrong, or who else can write to the table,
 * would hold the telling of it. */
static bool is_claimed(const struct telling *telling)
{
    const json_t *claim = json_object_get(telling->content, "claim");
    int64_t left_s = json_get_integer(claim, "until", 0) - state_now_s();
    return left_s > 0 && left_s <= 2 * LEASE_S &&
           strcmp(json_get_string(claim, "token", ""), telling->token) != 0;
}

static json_t *begun_of(const struct telling *telling)
{
    return json_object_get(telling->content, "begun");
}

static bool is_unmade(const struct telling *telling, const char *check)
{
    size_t i;
    json_t *unmade;
    json_array_foreach (telling->look.unmade, i, unmade) {
        if (strcmp(json_string_value(unmade), check) == 0)
            return true;
    }
    return false;
}

/* A repair that this audit or an earlier one began has its effect now, and nobody was notified. */
static void show(struct telling *telling, const char *check)
{
    json_object_del(json_object_get(begun_of(telling), check), "until");
    add_news(telling, json_object_get(begun_of(telling), check), NULL);
    json_object_del(begun_of(telling), check);
    json_object_del(checks_of(telling), check);
}

/* Its own process has audited it, and leaves the rest to others. */
static bool leave(json_t *begun)
{
    bool left = json_object_get(begun, "until") != NULL;
    json_object_del(begun, "until");
    return left;
}

/* True if the finding itself needs no notification any more. */
static bool conclude(struct telling *telling, const json_t *finding, bool *dropped)
{
    const char *check = finding_get(finding, "check");
    bool unmade = is_unmade(telling, check);
    enum state_end end = state_end(finding);
    json_t *begun = json_object_get(begun_of(telling), check);
    if (begun == NULL)
        return false;
    if (end == STATE_OPEN && !unmade) {
        *dropped |= leave(begun);
        return false;
    }
    if (end == STATE_SHOWN && !unmade) {
        if (json_get_integer(begun, "until", 0) <= state_now_s())
            show(telling, check);
        return true;
    }
    json_object_del(begun_of(telling), check);
    *dropped = true;
    return false;
}

/* Adds news to the list; true if a change that needs no notification must be written down. */
static bool compare(struct telling *telling, const json_t *findings)
{
    size_t i;
    json_t *finding;
    bool dropped = false;
    json_array_foreach (findings, i, finding) {
        const char *check = finding_get(finding, "check");
        if (conclude(telling, finding, &dropped))
            continue;
        enum state_news news = state_news(json_object_get(checks_of(telling), check), finding);
        if (news == STATE_TOLD)
            add_news(telling, finding, NULL);
        if (news == STATE_DROPPED)
            keep(telling, finding);
        dropped |= news == STATE_DROPPED;
    }
    return dropped;
}

static bool lapse(struct telling *telling, const json_t *kept, const json_t *findings,
                  const char *why)
{
    json_t *lapsed = state_lapsed(kept, findings, telling->look.resource, why);
    bool dropped = compare(telling, lapsed);
    json_decref(lapsed);
    return dropped;
}

/* If it were polled, a poll would have reported it too, because it still cannot be listed. */
static bool is_unpolled(const struct telling *telling)
{
    int64_t seen_s = json_get_integer(telling->content, "seen", 0);
    return telling->look.asked && json_object_size(checks_of(telling)) > 0 &&
           seen_s < state_now_s() - UNPOLLED_S;
}

static bool compare_all(struct telling *telling)
{
    size_t i;
    json_t *debt;
    clear_news(telling);
    json_array_foreach (owed_of(telling), i, debt)
        add_news(telling, debt, debt);
    if (is_unpolled(telling))
        return lapse(telling, checks_of(telling), NULL,
                     "no round of polling has told of it for 7 days: it is not polled any more");
    const json_t *findings = telling->look.findings;
    static const char lapsed[] = "the check does not apply to it any more";
    bool dropped = compare(telling, findings);
    if (telling->look.whole) {
        dropped |= lapse(telling, begun_of(telling), findings, lapsed);
        dropped |= lapse(telling, checks_of(telling), findings, lapsed);
    }
    return dropped;
}

static void note_look(const struct telling *telling)
{
    bool known = json_object_get(telling->content, "seen") != NULL;
    if (!telling->look.asked || !known)
        json_object_set_new(telling->content, "seen", json_integer((json_int_t)state_now_s()));
}

/* Records of the resource are kept, and "seen" in the table is too old. */
static bool is_getting_old(const struct telling *telling, const struct state_item *item)
{
    int64_t seen_s = json_get_integer(item->content, "seen", 0);
    return json_object_size(checks_of(telling)) > 0 && !telling->look.asked &&
           seen_s < state_now_s() - SEEN_EVERY_S;
}

static void on_known(void *arg, const struct state_item *item, const struct err *err)
{
    struct telling *telling = arg;
    if (err != NULL) {
        tell_all(telling, err);
        return;
    }
    json_decref(telling->content);
    telling->content = json_deep_copy(item->content);
    telling->revision = item->revision;
    state_name(telling->content, telling->look.resource);
    bool dropped = compare_all(telling);
    note_look(telling);
    if (json_array_size(telling->news) > 0 && is_claimed(telling))
        read_again(telling);
    else if (json_array_size(telling->news) > 0)
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
    *telling = (struct telling){.context = context,
                                .table = context->state,
                                .look = *look,
                                .done = done,
                                .arg = arg,
                                .news = json_array(),
                                .debts = json_array()};
    random_uuid(telling->token);
    telling->key = state_key("resource", look->resource, look->global, "");
    read_known(telling);
}
