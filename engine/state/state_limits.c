/* Source: Amazon DynamoDB Developer Guide, "Update expressions" (ADD to a missing attribute begins
 * at 0), "Condition expressions", and "Error handling with DynamoDB" (after an HTTP 500 a write may
 * or may not have been made). */
#include "state/state_limits.h"

#include <string.h>

#include "aws/retry/retry.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/mem.h"
#include "policy/finding.h"
#include "state/state_started.h"
#include "state/state_table_internal.h"
#include "value/json.h"

/* A repair within this time after the last one counts as another round; a resource that was not
 * repaired for this time may be repaired again. */
#define QUIET_S (3 * STATE_DAY_S)
/* A day's count is no longer needed when that day is over in all time zones. */
#define COUNT_KEPT_S (2 * STATE_DAY_S)

struct state_permit {
    struct state_table *table;
    const struct resource *resource; /* until done, like the following members */
    const json_t *finding;
    bool global;
    char *rounds_key, *day_key;
    size_t steps;
    bool has_round, has_steps;
    char token[37]; /* written with each count: shows which permit counted last */
    state_permitted done;
    void *arg;
};

static void permit_free(struct state_permit *permit)
{
    mem_free(permit->rounds_key);
    mem_free(permit->day_key);
    mem_free(permit);
}

/* ---- calls ---- */

struct count {
    const char *key, *update, *condition; /* condition NULL: none */
    json_t *values;                       /* takes ownership */
};

static void change(struct state_table *table, const struct count *count, message_done done,
                   void *arg)
{
    json_t *params =
        json_pack("{s:{s:o}, s:s, s:o}", "Key", "pk", state_text(count->key), "UpdateExpression",
                  count->update, "ExpressionAttributeValues", count->values);
    if (count->condition != NULL)
        json_object_set_new(params, "ConditionExpression", json_string(count->condition));
    state_update(table, params, done, arg);
}

static void on_given_back(void *arg, const struct err *err)
{
    if (err != NULL && !state_is_conflict(err))
        state_note(arg, err);
}

/* Items that no longer exist are not created again. */
static void give_back(struct state_table *table, const char *key, size_t number)
{
    const struct count count = {.key = key,
                                .update = "ADD change_count :back",
                                .condition = "change_count >= :number",
                                .values =
                                    json_pack("{s:o, s:o}", ":back", state_number(-(int64_t)number),
                                              ":number", state_number((int64_t)number))};
    change(table, &count, on_given_back, table);
}

/* Was it counted, although the response does not say so? If so, the item has the token of this
 * permit, unless others have counted since: then their counts stay, and the total is too high,
 * never too low. */
static void give_back_unsure(const struct state_permit *permit, const char *key, size_t number)
{
    const struct count count = {
        .key = key,
        .update = "ADD change_count :back",
        .condition = "counted_by = :token AND change_count >= :number",
        .values = json_pack("{s:o, s:o, s:o}", ":back", state_number(-(int64_t)number), ":number",
                            state_number((int64_t)number), ":token", state_text(permit->token))};
    change(permit->table, &count, on_given_back, permit->table);
}

void state_permit_end(struct state_permit *permit, size_t sent, bool repaired)
{
    if (permit == NULL)
        return;
    if (permit->has_round && !repaired)
        give_back(permit->table, permit->rounds_key, 1);
    if (permit->has_steps && sent < permit->steps)
        give_back(permit->table, permit->day_key, permit->steps - sent);
    permit_free(permit);
}

/* ---- the response ---- */

/* What was counted before is given back. */
static void refuse(struct state_permit *permit, char *why, const struct err *err)
{
    state_permitted done = permit->done;
    void *arg = permit->arg;
    state_permit_end(permit, 0, false);
    done(arg, why, err);
    mem_free(why);
}

/* The text of the error differs each time, so it is not part of the reason to hold. */
static void refuse_unread(struct state_permit *permit, const char *key, size_t number,
                          const struct err *err)
{
    state_note(permit->table, err);
    if (key != NULL && retry_classify(err) == RETRY_TRANSIENT)
        give_back_unsure(permit, key, number);
    refuse(permit,
           mem_strdup("nothing is changed while its limits cannot be counted in STATE_TABLE"), err);
}

static void allow(struct state_permit *permit)
{
    permit->resource = NULL;
    permit->finding = NULL;
    permit->done(permit->arg, NULL, NULL);
}

static void on_started(void *arg, const struct err *err)
{
    if (err != NULL)
        refuse_unread(arg, NULL, 0, err);
    else
        allow(arg);
}

/* If someone is to be notified, the repair is first recorded as begun. */
static void begin(struct state_permit *permit)
{
    if (!settings_notifies(permit->table->settings))
        allow(permit);
    else
        state_begin(permit->table, permit->resource, permit->global, permit->finding, on_started,
                    permit);
}

/* ---- the day ---- */

static void refuse_for_today(struct state_permit *permit)
{
    refuse(permit,
           mem_printf("the change limit of this day and account (%d) is reached",
                      permit->table->settings->max_changes_per_day),
           NULL);
}

static void on_day(void *arg, const struct err *err)
{
    struct state_permit *permit = arg;
    if (state_is_conflict(err)) {
        refuse_for_today(permit);
    } else if (err != NULL) {
        refuse_unread(permit, permit->day_key, permit->steps, err);
    } else {
        permit->has_steps = true;
        begin(permit);
    }
}

static void ask_day(struct state_permit *permit)
{
    char day[16];
    int limit = permit->table->settings->max_changes_per_day;
    if (limit < 0) {
        begin(permit);
        return;
    }
    if (permit->steps > (size_t)limit) {
        refuse_for_today(permit);
        return;
    }
    state_day(day);
    permit->day_key = mem_printf("changes/%s/%s", permit->resource->account, day);
    const struct count count = {
        .key = permit->day_key,
        .update = "ADD change_count :steps SET item_kind = :kind, expires_at = :end, "
                  "counted_by = :token",
        .condition = "attribute_not_exists(change_count) OR change_count <= :most",
        .values = json_pack(
            "{s:o, s:o, s:o, s:o, s:o}", ":steps", state_number((int64_t)permit->steps), ":kind",
            state_text("changes"), ":end", state_number(state_now_s() + COUNT_KEPT_S), ":most",
            state_number(limit - (int64_t)permit->steps), ":token", state_text(permit->token))};
    change(permit->table, &count, on_day, permit);
}

/* ---- the rounds ---- */

static void hold_as_flip_flop(struct state_permit *permit)
{
    state_count(permit->table, "FlipFlops");
    refuse(permit,
           mem_printf("it was repaired %d times and is broken again: something undoes the repair "
                      "(held until it has been left alone for %d days; see REPAIR_ROUNDS)",
                      permit->table->settings->repair_rounds, QUIET_S / STATE_DAY_S),
           NULL);
}

/* The finding is held this time, whether the update succeeds or not. */
static void on_held_longer(void *arg, const struct err *err)
{
    struct state_permit *permit = arg;
    if (err != NULL && !state_is_conflict(err))
        state_note(permit->table, err);
    hold_as_flip_flop(permit);
}

/* If DynamoDB or an operator has deleted the item in the meantime, it is not created again: without
 * a count it would hold forever. */
static void hold_longer(struct state_permit *permit)
{
    const struct count count = {
        .key = permit->rounds_key,
        .update = "SET expires_at = :later",
        .condition = "attribute_exists(change_count)",
        .values = json_pack("{s:o}", ":later", state_number(state_now_s() + QUIET_S))};
    change(permit->table, &count, on_held_longer, permit);
}

static void on_counted_again(void *arg, const struct err *err)
{
    struct state_permit *permit = arg;
    if (state_is_conflict(err)) {
        hold_longer(permit);
    } else if (err != NULL) {
        refuse_unread(permit, permit->rounds_key, 1, err);
    } else {
        permit->has_round = true;
        ask_day(permit);
    }
}

/* The earlier rounds are too long ago to count, or there were too many. */
static void count_again(struct state_permit *permit)
{
    const struct count count = {
        .key = permit->rounds_key,
        .update = "SET change_count = :one, expires_at = :later, counted_by = :token",
        .condition = "expires_at <= :now",
        .values = json_pack("{s:o, s:o, s:o, s:o}", ":one", state_number(1), ":later",
                            state_number(state_now_s() + QUIET_S), ":now",
                            state_number(state_now_s()), ":token", state_text(permit->token))};
    change(permit->table, &count, on_counted_again, permit);
}

static void on_round(void *arg, const struct err *err)
{
    struct state_permit *permit = arg;
    if (state_is_conflict(err)) {
        count_again(permit);
    } else if (err != NULL) {
        refuse_unread(permit, permit->rounds_key, 1, err);
    } else {
        permit->has_round = true;
        ask_day(permit);
    }
}

struct state_permit *state_permit_ask(struct state_table *table, const struct resource *resource,
                                      bool global, const json_t *finding, size_t steps,
                                      state_permitted done, void *arg)
{
    const char *check = finding_get(finding, "check");
    struct state_permit *permit = mem_alloc(sizeof *permit);
    *permit = (struct state_permit){.table = table,
                                    .resource = resource,
                                    .finding = finding,
                                    .global = global,
                                    .rounds_key = state_key("rounds", resource, global, check),
                                    .steps = steps,
                                    .done = done,
                                    .arg = arg};
    random_uuid(permit->token);
    const struct count count = {
        .key = permit->rounds_key,
        .update = "ADD change_count :one SET item_kind = :kind, expires_at = :later, "
                  "counted_by = :token",
        .condition = "attribute_not_exists(expires_at) OR (expires_at > :now AND change_count < "
                     ":most)",
        .values = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", ":one", state_number(1), ":kind",
                            state_text("rounds"), ":later", state_number(state_now_s() + QUIET_S),
                            ":now", state_number(state_now_s()), ":most",
                            state_number(table->settings->repair_rounds), ":token",
                            state_text(permit->token))};
    change(table, &count, on_round, permit);
    return permit;
}
