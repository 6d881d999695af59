/* The daily summary of open findings: when it is sent, by which process, and what it contains. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <stdio.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "notify/message.h"
#include "notify/message_sum.h"
#include "policy/evaluator.h"
#include "state/state_sum.h"
#include "state/state_table.h"
#include "support/fake_table.h"
#include "value/json.h"

#define DAY_MS INT64_C(86400000)
#define NOON_MS (INT64_C(20787) * DAY_MS + DAY_MS / 2) /* 2026-11-30T12:00:00Z */

static struct settings settings;
static struct context context;
static int64_t wall_ms;
static int ends;

static int64_t wall(void)
{
    return wall_ms;
}

static void silence(enum log_level level, const char *line)
{
    (void)level, (void)line;
}

/* Policies for queues, and for nothing else. */
static const struct policy *find(void *self, const char *type)
{
    static const struct policy sqs = {.type = "sqs"};
    (void)self;
    return strcmp(type, "sqs") == 0 ? &sqs : NULL;
}

static struct evaluator evaluator = {.find = find};

/* As another process sees it. */
static void new_process(void)
{
    state_table_free(context.state);
    context.state = state_table_new(context.message, &settings);
}

static int set_up(void **state)
{
    static char table[] = "remediator-state";
    static char topic[] = "arn:aws:sns:us-east-1:111122223333:findings";
    static char home[] = "us-east-1";
    log_set_sink(silence);
    fake_aws_set_up(state);
    fake_table_set_up();
    fake_aws.answer = fake_table_answer;
    wall_ms = NOON_MS;
    ends = 0;
    settings = (struct settings){.state_table = table,
                                 .notification_topic = topic,
                                 .master_region = home,
                                 .max_changes_per_day = -1};
    context =
        (struct context){.loop = fake_aws.loop,
                         .client = fake_aws.client,
                         .evaluator = &evaluator,
                         .message = message_new(fake_aws.client, fake_aws.provider, &settings),
                         .settings = &settings};
    new_process();
    /* The wall clock stands still; the monotonic one runs as in fake_aws. */
    clock_replace(wall, fake_aws_clock);
    return 0;
}

static int tear_down(void **state)
{
    log_set_sink(NULL);
    state_table_free(context.state);
    message_free(context.message);
    fake_table_tear_down();
    return fake_aws_tear_down(state);
}

static void on_end(void *arg)
{
    (void)arg;
    ends++;
}

static void on_sent(void *arg, const struct err *err)
{
    assert_null(err);
    on_end(arg);
}

static int sum(void)
{
    int before = fake_table.sums;
    ends = 0;
    state_sum(&context, on_end, NULL);
    fake_aws_run();
    assert_int_equal(ends, 1);
    return fake_table.sums - before;
}

/* A resource with one finding. */
static void add(const char *key, const char *account, const char *severity, bool open)
{
    json_t *record = json_pack(
        "{s:b, s:I, s:s, s:s, s:s, s:s}", "open", open, "since", (json_int_t)1796000000, "severity",
        severity, "status", "non_compliant", "remediation", "held", "summary", "anyone\nmay send");
    json_t *content =
        json_pack("{s:s, s:s, s:s, s:s, s:{s:o}}", "account", account, "region", "us-east-1",
                  "type", "sqs", "id", "https://q/orders", "checks", "sqs.public", record);
    char *text = json_dumps(content, 0);
    json_object_set_new(fake_table.items, key,
                        json_pack("{s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}}", "pk", "S", key,
                                  "item_kind", "S", "resource", "open_checks", "N",
                                  open ? "1" : "0", "content", "S", text));
    mem_free(text);
    json_decref(content);
}

static const struct fake_request *notification(void)
{
    for (size_t i = fake_aws.count; i-- > 0;) {
        if (strstr(fake_aws.requests[i].url, "://sns.") != NULL)
            return &fake_aws.requests[i];
    }
    fail_msg("nothing was published");
    return NULL;
}

static void says(const char *field, const char *part)
{
    const char *text = fake_form(notification(), field);
    if (strstr(text, part) == NULL)
        fail_msg("'%s' is not in:\n%.2000s", part, text);
}

static void next_day(void)
{
    wall_ms += DAY_MS;
}

static void comes_once_a_day(void **state)
{
    (void)state;
    add("resource/a", "111122223333", "high", true);
    add("resource/b", "111122223333", "critical", false);
    add("resource/c", "444455556666", "low", true);
    assert_int_equal(sum(), 0); /* all of it was notified today */
    next_day();
    assert_int_equal(sum(), 1);
    assert_int_equal(sum(), 0);
    new_process();
    assert_int_equal(sum(), 0);
    next_day();
    assert_int_equal(sum(), 1);
}

static void says_what_is_open(void **state)
{
    (void)state;
    sum();
    add("resource/a", "111122223333", "high", true);
    add("resource/b", "111122223333", "critical", false);
    add("resource/c", "444455556666", "low", true);
    next_day();
    assert_int_equal(sum(), 1);
    says("Subject", "[open] 2026-12-01: 2 findings (1 high, 1 low)");
    says("Message", "Account 111122223333: 1 high\nAccount 444455556666: 1 low\n");
    says("Message", "\nhigh\nsqs.public 111122223333 us-east-1 https://q/orders since "
                    "2026-11-30T00:53:20Z (non_compliant, held): anyone may send\n");
    assert_null(strstr(fake_form(notification(), "Message"), "critical"));
}

static void a_long_sum_is_cut(void **state)
{
    (void)state;
    struct message_sum *long_sum = message_sum_new("2026-12-01");
    json_t *content = json_loads("{\"account\":\"111122223333\",\"region\":\"us-east-1\",\"id\":"
                                 "\"q\",\"checks\":{\"sqs.public\":{\"open\":true,\"severity\":"
                                 "\"high\",\"summary\":\"s\"}}}",
                                 0, NULL);
    for (int i = 0; i < 20000; i++) {
        char account[13];
        snprintf(account, sizeof account, "%012d", i);
        json_object_set_new(content, "account", json_string(account));
        message_sum_add(long_sum, content);
    }
    message_sum_send(context.message, long_sum, on_sent, NULL);
    fake_aws_run();
    assert_in_range(strlen(fake_form(notification(), "Message")), 50000, 250000);
    says("Subject", "20000 findings (20000 high)");
    says("Message", " more accounts\n");
    says("Message", " more\n");
    json_decref(content);
    message_sum_free(long_sum);
}

static void without_open_findings_there_is_no_message(void **state)
{
    (void)state;
    sum();
    next_day();
    assert_int_equal(sum(), 0);
    assert_int_equal(fake_table_count("Scan"), 1);
    new_process();
    assert_int_equal(sum(), 0);
    assert_int_equal(fake_table_count("Scan"), 1);
}

/* Another process is sending it; if that process dies, the next one takes over. */
static void is_left_to_the_process_that_claimed_it(void **state)
{
    (void)state;
    sum();
    add("resource/a", "111122223333", "high", true);
    next_day();
    fake_table.mute = true;
    assert_int_equal(sum(), 0);
    fake_table.mute = false;
    new_process();
    assert_int_equal(sum(), 0);
    wall_ms += 901 * 1000;
    assert_int_equal(sum(), 1);
}

static void set(const char *key, const char *member, json_t *value)
{
    json_t *item = json_object_get(fake_table.items, key);
    const char *text = json_get_string(json_object_get(item, "content"), "S", "");
    json_t *content = json_loads(text, 0, NULL);
    json_object_set_new(content, member, value);
    char *changed = json_dumps(content, 0);
    json_object_set_new(item, "content", json_pack("{s:s}", "S", changed));
    mem_free(changed);
    json_decref(content);
}

/* Audited so many seconds before now; of another type if one is given. */
static void seen(const char *key, int64_t ago_s, const char *type)
{
    set(key, "seen", json_integer(wall_ms / 1000 - ago_s));
    set(key, "id", json_string(key));
    if (type != NULL)
        set(key, "type", json_string(type));
}

/* Bodies of what was sent to the queue; NULL: nothing was sent. */
static const json_t *asked_again(void)
{
    for (size_t i = 0; i < fake_aws.count; i++) {
        if (strstr(fake_aws.requests[i].target, "SendMessageBatch") != NULL)
            return json_object_get(fake_aws.requests[i].json, "Entries");
    }
    return NULL;
}

static void what_may_be_gone_is_audited_again(void **state)
{
    static char queue[] = "https://sqs.us-east-1.amazonaws.com/111122223333/resources";
    (void)state;
    settings.sqs_queue = queue;
    sum();
    add("resource/gone", "111122223333", "high", true);
    add("resource/here", "111122223333", "high", true);
    add("resource/odd", "111122223333", "high", true);
    next_day();
    seen("resource/gone", 3 * 86400 + 1, NULL);
    seen("resource/here", 3 * 86400 - 1, NULL);
    seen("resource/odd", 90 * 86400, "moon");
    assert_int_equal(sum(), 1);
    assert_int_equal(json_array_size(asked_again()), 1);
    assert_string_equal(json_get_string(json_array_get(asked_again(), 0), "MessageBody", ""),
                        "{\"account\":\"111122223333\",\"region\":\"us-east-1\","
                        "\"type\":\"sqs\",\"id\":\"resource/gone\"}");
    says("Subject", "3 findings");
}

/* No event and no poll reports when a place can be listed again, and no audit finds a repair that
 * is owed. */
static void places_and_owed_repairs_are_audited_each_day(void **state)
{
    static char queue[] = "https://sqs.us-east-1.amazonaws.com/111122223333/resources";
    (void)state;
    settings.sqs_queue = queue;
    sum();
    add("*", "111122223333", "high", true);
    add("resource/owed", "111122223333", "high", true);
    add("resource/here", "111122223333", "high", true);
    next_day();
    seen("*", 60, NULL);
    seen("resource/owed", 60, NULL);
    seen("resource/here", 60, NULL);
    set("resource/owed", "owed", json_pack("[{s:s}]", "check", "sqs.public"));
    assert_int_equal(sum(), 1);
    assert_int_equal(json_array_size(asked_again()), 2);
    assert_string_equal(json_get_string(json_array_get(asked_again(), 0), "MessageBody", ""),
                        "{\"account\":\"111122223333\",\"region\":\"us-east-1\","
                        "\"type\":\"sqs\",\"id\":\"*\"}");
}

static void without_a_queue_nothing_is_audited_again(void **state)
{
    (void)state;
    sum();
    add("resource/gone", "111122223333", "high", true);
    next_day();
    seen("resource/gone", 4 * 86400, NULL);
    assert_int_equal(sum(), 1);
    assert_null(asked_again());
}

static int unsent;

static void note_metric(const char *metric)
{
    assert_string_equal(metric, "NotificationsFailed");
    unsent++;
}

static void a_failed_notification_is_counted_by_a_metric(void **state)
{
    (void)state;
    sum();
    add("resource/a", "111122223333", "high", true);
    next_day();
    state_table_on_count(context.state, note_metric);
    unsent = 0;
    fake_table.mute = true;
    assert_int_equal(sum(), 0);
    assert_int_equal(unsent, 1);
    wall_ms += 901 * 1000;
    fake_table.mute = false;
    assert_int_equal(sum(), 1);
    assert_int_equal(unsent, 1);
}

static void what_fails_is_left_to_a_later_run(void **state)
{
    (void)state;
    sum();
    add("resource/a", "111122223333", "high", true);
    static const char *const operations[] = {"GetItem", "PutItem", "Scan"};
    for (size_t i = 0; i < 3; i++) {
        next_day();
        new_process();
        fake_table.refused = operations[i];
        assert_int_equal(sum(), 0);
        fake_table.refused = NULL;
        wall_ms += 901 * 1000;
        assert_int_equal(sum(), 1);
    }
}

static void makes_no_call_if_there_is_nothing_to_do(void **state)
{
    (void)state;
    settings.notification_topic = NULL;
    sum();
    struct state_table *table = context.state;
    context.state = NULL;
    sum();
    context.state = table;
    assert_int_equal(fake_aws.count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        TEST(comes_once_a_day),
        TEST(says_what_is_open),
        TEST(a_long_sum_is_cut),
        TEST(without_open_findings_there_is_no_message),
        TEST(is_left_to_the_process_that_claimed_it),
        TEST(what_may_be_gone_is_audited_again),
        TEST(places_and_owed_repairs_are_audited_each_day),
        TEST(without_a_queue_nothing_is_audited_again),
        TEST(a_failed_notification_is_counted_by_a_metric),
        TEST(what_fails_is_left_to_a_later_run),
        TEST(makes_no_call_if_there_is_nothing_to_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
