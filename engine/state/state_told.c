#include "state/state_told.h"

#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "notify/message_finding.h"
#include "policy/finding.h"
#include "state/state_diff.h"
#include "state/state_internal.h"
#include "value/json.h"

/* What is open is kept so long after it was last looked at, what is exempt as well. */
#define KEPT_S (90 * STATE_DAY_S)
/* It is written down so often that it was looked at. */
#define SEEN_EVERY_S (STATE_DAY_S / 2)
/* As long as that a claim holds: longer than SNS takes, and shorter than a message of a queue stays
 * hidden. */
#define LEASE_S 60
#define PAUSE_MS 1000

struct telling {
    const struct context *context;
    struct state_table *table;
    struct state_look look;
    message_done done;
    void *arg;
    char *key;
    json_t *content; /* as it was read, then as it is to be written */
    int64_t revision;
    json_t *news;   /* findings to be notified */
    size_t waiting; /* notifications without an answer */
    bool unwritten; /* the table is out of reach: nothing is written down */
    struct err err; /* of a notification */
};

/* One notification. */
struct notice {
    struct telling *telling;
    json_t *finding;
};

static void read_known(void *arg);

static void finish(struct telling *telling)
{
    message_done done = telling->done;
    void *arg = telling->arg;
    struct err err = telling->err;
    json_decref(telling->content);
    json_decref(telling->news);
    mem_free(telling->key);
    mem_free(telling);
    done(arg, err.kind != ERR_NONE ? &err : NULL);
}

static json_t *checks_of(const struct telling *telling)
{
    return json_object_get(telling->content, "checks");
}

static void write_down(struct telling *telling, message_done done)
{
    const struct state_content content = {.key = telling->key,
                                          .kind = "resource",
                                          .content = telling->content,
                                          .revision = telling->revision,
                                          .expires_s = state_now_s() + KEPT_S,
                                          .open = state_open(checks_of(telling))};
    state_put(telling->table, &content, done, telling);
}

/* ---- after it was told ---- */

/* What is not written down is told again; nothing is lost. Somebody else's conflict means that the
 * claim was too old. */
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
    else
        keep(notice.telling, notice.finding);
    json_decref(notice.finding);
    settle_one(notice.telling);
}

static void notify(struct telling *telling)
{
    size_t i;
    json_t *finding;
    telling->waiting = 1;
    json_array_foreach (telling->news, i, finding) {
        struct notice *notice = mem_alloc(sizeof *notice);
        *notice = (struct notice){.telling = telling, .finding = json_incref(finding)};
        telling->waiting++;
        message_finding(telling->context->message, telling->look.resource, finding, on_notified,
                        notice);
    }
    settle_one(telling);
}

/* Everything, as where there is no table. */
static void tell_all(struct telling *telling, const struct err *err)
{
    size_t i;
    json_t *finding;
    state_note(telling->table, err);
    telling->unwritten = true;
    json_array_clear(telling->news);
    json_array_foreach (telling->look.findings, i, finding) {
        if (finding_is_notified(finding))
            json_array_append(telling->news, finding);
    }
    notify(telling);
}

/* ---- before it is told ---- */

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

static void claim(struct telling *telling)
{
    json_object_set_new(telling->content, "claim",
                        json_pack("{s:s, s:I}", "token", telling->table->token, "until",
                                  (json_int_t)(state_now_s() + LEASE_S)));
    write_down(telling, on_claimed);
}

static bool is_claimed(const struct telling *telling)
{
    const json_t *claim = json_object_get(telling->content, "claim");
    return json_get_integer(claim, "until", 0) > state_now_s() &&
           strcmp(json_get_string(claim, "token", ""), telling->table->token) != 0;
}

/* Adds what is new to the list; true when something that needs no telling is to be written down. */
static bool compare(struct telling *telling, const json_t *findings)
{
    size_t i;
    json_t *finding;
    bool dropped = false;
    json_array_foreach (findings, i, finding) {
        const char *check = finding_get(finding, "check");
        enum state_news news = state_news(json_object_get(checks_of(telling), check), finding);
        if (news == STATE_TOLD)
            json_array_append(telling->news, finding);
        if (news == STATE_DROPPED)
            keep(telling, finding);
        dropped |= news == STATE_DROPPED;
    }
    return dropped;
}

static bool compare_all(struct telling *telling)
{
    json_array_clear(telling->news);
    bool dropped = compare(telling, telling->look.findings);
    if (telling->look.whole) {
        json_t *lapsed =
            state_lapsed(checks_of(telling), telling->look.findings, telling->look.resource);
        dropped |= compare(telling, lapsed);
        json_decref(lapsed);
    }
    return dropped;
}

static void name(struct telling *telling)
{
    const struct resource *resource = telling->look.resource;
    json_t *content = telling->content;
    if (checks_of(telling) == NULL)
        json_object_set_new(content, "checks", json_object());
    finding_set(content, "account", resource->account);
    finding_set(content, "region", resource->region);
    finding_set(content, "type", resource->type);
    finding_set(content, "id", resource->id);
    json_object_set_new(content, "seen", json_integer((json_int_t)state_now_s()));
}

/* Something of it is still kept, and the table does not know that it is still there. */
static bool is_getting_old(const struct telling *telling, const struct state_item *item)
{
    int64_t seen_s = json_get_integer(item->content, "seen", 0);
    return json_object_size(checks_of(telling)) > 0 && seen_s < state_now_s() - SEEN_EVERY_S;
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
    name(telling);
    bool dropped = compare_all(telling);
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
                                .news = json_array()};
    telling->key = state_key("resource", look->resource, look->global, "");
    read_known(telling);
}
