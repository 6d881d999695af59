#include "notify/message_sum.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/report_text.h"
#include "notify/message.h"
#include "notify/message_internal.h"
#include "notify/message_publish.h"
#include "value/json.h"

#define LEVELS 4
/* For the accounts, and for the findings of each severity: together they fit in one
 * notification. */
#define PART_MAX (40u * 1024)

static const char *const levels[LEVELS] = {"critical", "high", "medium", "low"};

struct message_sum {
    char *day;
    json_t *accounts; /* maps an account to an array of counts, one for each level */
    size_t open[LEVELS];
    size_t listed[LEVELS];
    struct buf lines[LEVELS];
};

struct message_sum *message_sum_new(const char *day)
{
    struct message_sum *sum = mem_alloc(sizeof *sum);
    sum->day = mem_strdup(day);
    sum->accounts = json_object();
    for (size_t i = 0; i < LEVELS; i++)
        buf_init(&sum->lines[i], PART_MAX);
    return sum;
}

void message_sum_free(struct message_sum *sum)
{
    if (sum == NULL)
        return;
    for (size_t i = 0; i < LEVELS; i++)
        buf_clear(&sum->lines[i]);
    json_decref(sum->accounts);
    mem_free(sum->day);
    mem_free(sum);
}

static size_t level_of(const json_t *record)
{
    const char *severity = json_get_string(record, "severity", "low");
    size_t level = 0;
    while (level + 1 < LEVELS && strcmp(levels[level], severity) != 0)
        level++;
    return level;
}

static void count(struct message_sum *sum, const char *account, size_t level)
{
    json_t *counts = json_object_get(sum->accounts, account);
    if (counts == NULL) {
        counts = json_pack("[i, i, i, i]", 0, 0, 0, 0);
        json_object_set_new_nocheck(sum->accounts, account, counts);
    }
    json_t *number = json_array_get(counts, level);
    json_integer_set(number, json_integer_value(number) + 1);
    sum->open[level]++;
}

/* A full part takes no more findings; the notification says how many are not listed. */
static void list(struct message_sum *sum, const json_t *content, const char *check,
                 const json_t *record, size_t level)
{
    struct buf line;
    char since[CLOCK_TEXT];
    clock_rfc3339(json_get_integer(record, "since", 0) * 1000, since);
    char *text = mem_printf(
        "%s %s %s %s since %s (%s, %s): %s", check, json_get_string(content, "account", ""),
        json_get_string(content, "region", ""), json_get_string(content, "id", ""), since,
        json_get_string(record, "status", ""), json_get_string(record, "remediation", ""),
        json_get_string(record, "summary", ""));
    buf_init(&line, PART_MAX);
    for (char *c = text; *c != '\0'; c++)
        *c = *c == '\n' || *c == '\r' ? ' ' : *c; /* no text can add a line of its own */
    text_legible(&line, text, strlen(text));
    buf_addc(&line, '\n');
    struct buf *lines = &sum->lines[level];
    if (!line.failed && lines->len + line.len < lines->max) {
        buf_add(lines, line.data, line.len);
        sum->listed[level]++;
    }
    buf_clear(&line);
    mem_free(text);
}

void message_sum_add(struct message_sum *sum, const json_t *content)
{
    const char *check;
    json_t *record;
    json_object_foreach (json_object_get(content, "checks"), check, record) {
        size_t level = level_of(record);
        if (!json_get_bool(record, "open", false))
            continue;
        count(sum, json_get_string(content, "account", ""), level);
        list(sum, content, check, record, level);
    }
}

/* ---- the notification ---- */

/* "2 critical, 1 low" */
static void add_counts(struct buf *text, const size_t counts[LEVELS])
{
    const char *comma = "";
    for (size_t i = 0; i < LEVELS; i++) {
        if (counts[i] == 0)
            continue;
        buf_addf(text, "%s%zu %s", comma, counts[i], levels[i]);
        comma = ", ";
    }
}

static size_t total(const struct message_sum *sum)
{
    size_t open = 0;
    for (size_t i = 0; i < LEVELS; i++)
        open += sum->open[i];
    return open;
}

static char *subject_of(const struct message_sum *sum)
{
    struct buf text;
    buf_init(&text, 1024);
    buf_addf(&text, "[open] %s: %zu findings (", sum->day, total(sum));
    add_counts(&text, sum->open);
    buf_adds(&text, ")");
    return buf_take(&text);
}

static void add_accounts(struct buf *body, const struct message_sum *sum)
{
    const char *account;
    json_t *numbers;
    size_t end = body->len + PART_MAX, left = 0;
    json_object_foreach (sum->accounts, account, numbers) {
        size_t counts[LEVELS];
        for (size_t i = 0; i < LEVELS; i++)
            counts[i] = (size_t)json_integer_value(json_array_get(numbers, i));
        if (body->len > end) {
            left++;
            continue;
        }
        buf_addf(body, "Account %.32s: ", account);
        add_counts(body, counts);
        buf_addc(body, '\n');
    }
    if (left > 0)
        buf_addf(body, "and %zu more accounts\n", left);
}

static char *body_of(const struct message_sum *sum)
{
    struct buf body;
    buf_init(&body, MESSAGE_BODY_MAX);
    buf_addf(&body, "Open on %s: %zu findings in %zu accounts\n\n", sum->day, total(sum),
             json_object_size(sum->accounts));
    add_accounts(&body, sum);
    for (size_t i = 0; i < LEVELS; i++) {
        if (sum->open[i] == 0)
            continue;
        buf_addf(&body, "\n%s\n%s", levels[i], buf_text(&sum->lines[i]));
        if (sum->listed[i] < sum->open[i])
            buf_addf(&body, "and %zu more\n", sum->open[i] - sum->listed[i]);
    }
    return buf_take(&body);
}

static const char *worst(const struct message_sum *sum)
{
    size_t level = 0;
    while (level + 1 < LEVELS && sum->open[level] == 0)
        level++;
    return levels[level];
}

void message_sum_send(struct message *message, const struct message_sum *sum, message_done done,
                      void *arg)
{
    char *subject = subject_of(sum);
    char *body = total(sum) > 0 ? body_of(sum) : NULL;
    const struct message_notice notice = {
        .subject = subject,
        .body = body,
        .group = "sum",
        .attributes = json_pack("{s:s, s:s, s:s, s:s, s:s}", "account", "*", "type", "*", "check",
                                "run.open", "severity", worst(sum), "status", "open")};
    message_publish(message, &notice, done, arg);
    mem_free(subject);
    mem_free(body);
}
