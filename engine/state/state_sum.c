#include "state/state_sum.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "notify/message.h"
#include "notify/message_queue.h"
#include "notify/message_sum.h"
#include "state/state_table_internal.h"
#include "value/json.h"

#define KEY "sum"
#define KEPT_S (90 * STATE_DAY_S)
/* The longest time that Lambda lets a function run: AWS Lambda Developer Guide, "Configure Lambda
 * function timeout". If a process takes longer, a second summary is sent, nothing worse. */
#define LEASE_S 900
/* Polls run every day; one may fail. */
#define UNSEEN_S (3 * STATE_DAY_S)

struct summing {
    const struct context *context;
    struct state_table *table;
    loop_fn done;
    void *arg;
    char day[16];
    int64_t revision;
    struct message_sum *sum;
    struct message_queue *again; /* resources to audit again; NULL: there is no queue */
};

static void finish(struct summing *summing)
{
    loop_fn done = summing->done;
    void *arg = summing->arg;
    message_sum_free(summing->sum);
    mem_free(summing);
    done(arg);
}

static void finish_day(struct summing *summing)
{
    snprintf(summing->table->summed, sizeof summing->table->summed, "%s", summing->day);
    finish(summing);
}

static void give_up(struct summing *summing, const struct err *err)
{
    state_note(summing->table, err);
    finish(summing);
}

/* until 0: the summary is done. */
static void write_down(struct summing *summing, int64_t until_s, message_done done)
{
    json_t *text = json_pack("{s:s, s:I}", "day", summing->day, "until", (json_int_t)until_s);
    const struct state_content content = {.key = KEY,
                                          .kind = "sum",
                                          .content = text,
                                          .revision = summing->revision,
                                          .expires_s = state_now_s() + KEPT_S};
    state_put(summing->table, &content, done, summing);
    json_decref(text);
}

static void on_done_for_today(void *arg, const struct err *err)
{
    if (err != NULL)
        give_up(arg, err);
    else
        finish_day(arg);
}

static void on_published(void *arg, const struct err *err)
{
    struct summing *summing = arg;
    if (err == NULL) {
        write_down(summing, 0, on_done_for_today);
        return;
    }
    log_error("%s", err->message);
    state_count(summing->table, "NotificationsFailed");
    finish(summing);
}

/* ---- findings that may be over, and repairs that are not notified yet ---- */

static bool is_to_be_asked(const struct summing *summing, const json_t *content)
{
    const struct evaluator *evaluator = summing->context->evaluator;
    bool target = strcmp(json_get_string(content, "id", ""), "*") == 0;
    bool owed = json_array_size(json_object_get(content, "owed")) > 0 ||
                json_object_size(json_object_get(content, "begun")) > 0;
    bool unseen = json_get_integer(content, "seen", 0) < state_now_s() - UNSEEN_S;
    return (target || owed || unseen) &&
           evaluator->find(evaluator->self, json_get_string(content, "type", "")) != NULL;
}

static void look_again(const struct summing *summing, const json_t *content)
{
    static const char *const keys[] = {"account", "region", "type", "id"};
    json_t *line = json_object();
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        json_object_set(line, keys[i], json_object_get(content, keys[i]));
    message_queue_put(summing->again, line, 0);
    json_decref(line);
}

static void open_again(struct summing *summing)
{
    struct err err = {0};
    const char *queue = summing->context->settings->sqs_queue;
    if (queue != NULL)
        summing->again = message_queue_open(summing->context->message, queue, &err);
    if (err.kind != ERR_NONE)
        log_error("%s", err.message);
}

/* The summary of the next day retries what the queue refused. */
static void on_asked(void *arg, const struct err *err)
{
    struct summing *summing = arg;
    if (err != NULL)
        log_error("%s", err->message);
    message_sum_send(summing->context->message, summing->sum, on_published, summing);
}

static void on_request_failed(void *arg, const struct err *err)
{
    (void)err;
    finish(arg);
}

static void close_again(struct summing *summing, message_done done)
{
    if (summing->again != NULL)
        message_queue_close(summing->again, done, summing);
    else
        done(summing, NULL);
}

/* ---- all open findings ---- */

static void on_page(void *arg, const json_t *contents, bool last, const struct err *err)
{
    struct summing *summing = arg;
    size_t i;
    json_t *content;
    json_array_foreach ((json_t *)(uintptr_t)contents, i, content) {
        message_sum_add(summing->sum, content);
        if (summing->again != NULL && is_to_be_asked(summing, content))
            look_again(summing, content);
    }
    if (err != NULL)
        state_note(summing->table, err);
    if (last)
        close_again(summing, err != NULL ? on_request_failed : on_asked);
}

/* Another process was faster: that process sends the summary. */
static void on_claimed(void *arg, const struct err *err)
{
    struct summing *summing = arg;
    if (state_is_conflict(err)) {
        finish(summing);
        return;
    }
    if (err != NULL) {
        give_up(summing, err);
        return;
    }
    summing->revision++;
    summing->sum = message_sum_new(summing->day);
    open_again(summing);
    state_scan(summing->table, on_page, summing);
}

static void on_known(void *arg, const struct state_item *item, const struct err *err)
{
    struct summing *summing = arg;
    if (err != NULL) {
        give_up(summing, err);
        return;
    }
    const char *day = json_get_string(item->content, "day", "");
    json_int_t until_s = json_get_integer(item->content, "until", 0);
    summing->revision = item->revision;
    if (strcmp(day, summing->day) == 0 && until_s == 0)
        finish_day(summing);
    else if (strcmp(day, summing->day) == 0 && until_s > state_now_s())
        finish(summing);
    else if (day[0] == '\0')
        write_down(summing, 0, on_done_for_today);
    else
        write_down(summing, state_now_s() + LEASE_S, on_claimed);
}

void state_sum(const struct context *context, loop_fn done, void *arg)
{
    struct state_table *table = context->state;
    char day[16];
    state_day(day);
    /* Without a topic nobody receives the summary, but what was not audited for long is looked at.
     */
    if (table == NULL || !settings_notifies(context->settings) || strcmp(table->summed, day) == 0 ||
        context_is_late(context)) {
        done(arg);
        return;
    }
    struct summing *summing = mem_alloc(sizeof *summing);
    *summing = (struct summing){.context = context, .table = table, .done = done, .arg = arg};
    memcpy(summing->day, day, sizeof day);
    state_get(table, KEY, on_known, summing);
}
