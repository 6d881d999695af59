/* Resource lines to SQS: batches, sizes, the failure of one among many, and queues by URL or ARN.
 * */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <stdio.h>
#include <cmocka.h>

#include "base/mem.h"
#include "notify/message.h"
#include "notify/message_queue.h"
#include "support/fake_aws.h"
#include "value/json.h"

#define QUEUE "https://sqs.eu-west-1.amazonaws.com/111122223333/work"

static struct settings settings;
static struct message *message;
static struct message_queue *queue;
static struct err reported_err;
static int reported;
static int failures; /* still to come for the item "bad" */
static bool senders_fault;

static const json_t *entries_of(size_t index)
{
    return json_object_get(fake_aws.requests[index].json, "Entries");
}

/* Accepts everything except the line with "bad", as long as failures are left. */
static struct fake_answer take(const struct fake_request *request, size_t index)
{
    size_t i;
    json_t *entry, *good = json_array(), *bad = json_array();
    (void)index;
    json_array_foreach (json_object_get(request->json, "Entries"), i, entry) {
        const char *id = json_get_string(entry, "Id", "");
        bool fails = failures > 0 && strstr(json_get_string(entry, "MessageBody", ""), "\"bad\"");
        if (fails)
            json_array_append_new(bad, json_pack("{s:s, s:s, s:b, s:s}", "Id", id, "Code",
                                                 "InternalError", "SenderFault", senders_fault,
                                                 "Message", "try again"));
        else
            json_array_append_new(good, json_pack("{s:s, s:s, s:s}", "Id", id, "MessageId", "m",
                                                  "MD5OfMessageBody", "x"));
        failures -= fails;
    }
    json_t *reply = json_pack("{s:o, s:o}", "Successful", good, "Failed", bad);
    struct fake_answer answer = {.status = 200, .body = json_text(reply)};
    json_decref(reply);
    return answer;
}

static struct fake_answer dead(const struct fake_request *request, size_t index)
{
    (void)request, (void)index;
    return (struct fake_answer){.failure = ERR_NET};
}

static struct fake_answer forget(const struct fake_request *request, size_t index)
{
    return index == 0 ? fake_reply(200, "{\"Successful\":[]}") : take(request, index);
}

static struct fake_answer deny(const struct fake_request *request, size_t index)
{
    (void)request, (void)index;
    return fake_reply(403, "{\"__type\":\"com.amazon.coral.service#AccessDeniedException\","
                           "\"message\":\"no sqs:SendMessage\"}");
}

static int set_up(void **state)
{
    fake_aws_set_up(state);
    fake_aws.answer = take;
    settings = (struct settings){0};
    settings.master_region = mem_strdup("us-west-2");
    message = message_new(fake_aws.client, fake_aws.provider, &settings);
    failures = 0;
    senders_fault = false;
    reported = 0;
    err_clear(&reported_err);
    return 0;
}

static int tear_down(void **state)
{
    message_free(message);
    mem_free(settings.master_region);
    return fake_aws_tear_down(state);
}

static void open_queue(const char *name)
{
    struct err err = {0};
    queue = message_queue_open(message, name, &err);
    assert_string_equal(err.message, "");
    assert_non_null(queue);
}

static void put(const char *id, size_t padding, int delay_s)
{
    char *text = mem_alloc(padding + 1);
    memset(text, 'p', padding);
    json_t *line = json_pack("{s:s, s:s, s:s}", "account", "111122223333", "id", id, "pad", text);
    message_queue_put(queue, line, delay_s);
    json_decref(line);
    mem_free(text);
}

static void on_done(void *arg, const struct err *err)
{
    (void)arg;
    reported++;
    if (err != NULL)
        reported_err = *err;
}

static void finish(void)
{
    message_queue_close(queue, on_done, NULL);
    assert_int_equal(reported, 0);
    fake_aws_run();
    assert_int_equal(reported, 1);
}

static void test_batches_of_ten(void **state)
{
    (void)state;
    char id[16];
    open_queue(QUEUE);
    for (int i = 0; i < 25; i++) {
        snprintf(id, sizeof id, "%d", i);
        put(id, 0, i * 100 - 100);
    }
    finish();
    assert_string_equal(reported_err.message, "");
    assert_int_equal(fake_aws.count, 3);
    assert_int_equal(json_array_size(entries_of(0)), 10);
    assert_int_equal(json_array_size(entries_of(2)), 5);
    const json_t *entry = json_array_get(entries_of(0), 0);
    assert_string_equal(json_get_string(entry, "MessageBody", ""),
                        "{\"account\":\"111122223333\",\"id\":\"0\",\"pad\":\"\"}");
    assert_null(json_object_get(entry, "DelaySeconds"));
    assert_int_equal(json_get_integer(json_array_get(entries_of(0), 3), "DelaySeconds", -1), 200);
    assert_int_equal(json_get_integer(json_array_get(entries_of(2), 4), "DelaySeconds", -1), 900);
    assert_null(json_object_get(entry, "MessageGroupId"));
    const struct fake_request *first = &fake_aws.requests[0];
    assert_string_equal(first->url, "https://sqs.eu-west-1.amazonaws.com/");
    assert_string_equal(first->target, "AmazonSQS.SendMessageBatch");
    assert_string_equal(json_get_string(first->json, "QueueUrl", ""), QUEUE);
}

static void test_nothing_to_send(void **state)
{
    (void)state;
    open_queue(QUEUE);
    finish();
    assert_int_equal(fake_aws.count, 0);
    assert_string_equal(reported_err.message, "");
}

static void test_batches_by_size(void **state)
{
    (void)state;
    open_queue(QUEUE);
    for (int i = 0; i < 9; i++)
        put("big", 60 * 1024, 0);
    finish();
    assert_int_equal(fake_aws.count, 3);
    for (size_t i = 0; i < 3; i++) {
        size_t bytes = 0, j;
        json_t *entry;
        json_array_foreach (entries_of(i), j, entry)
            bytes += json_string_length(json_object_get(entry, "MessageBody"));
        assert_in_range(bytes, 60 * 1024, 256 * 1024);
    }
}

static void test_line_too_long(void **state)
{
    (void)state;
    open_queue(QUEUE);
    put("huge", 300 * 1024, 0);
    put("small", 0, 0);
    finish();
    assert_int_equal(fake_aws.count, 1);
    assert_non_null(strstr(reported_err.message, "1 line was not delivered to " QUEUE));
}

static void put_ten_with_bad(void)
{
    open_queue(QUEUE);
    for (int i = 0; i < 10; i++)
        put(i == 4 ? "bad" : "good", 0, i == 4 ? 77 : 0);
}

static void test_a_failed_line_is_sent_again(void **state)
{
    (void)state;
    failures = 2;
    put_ten_with_bad();
    finish();
    assert_string_equal(reported_err.message, "");
    assert_int_equal(fake_aws.count, 3);
    assert_int_equal(json_array_size(entries_of(1)), 1);
    const json_t *entry = json_array_get(entries_of(2), 0);
    assert_non_null(strstr(json_get_string(entry, "MessageBody", ""), "\"bad\""));
    assert_int_equal(json_get_integer(entry, "DelaySeconds", -1), 77);
}

static void test_one_fails_for_good(void **state)
{
    (void)state;
    failures = 100;
    put_ten_with_bad();
    finish();
    assert_int_equal(fake_aws.count, 4);
    assert_non_null(strstr(reported_err.message, "1 line was not delivered"));
    assert_string_equal(reported_err.code, "InternalError");
}

static void test_senders_fault_is_final(void **state)
{
    (void)state;
    failures = 100;
    senders_fault = true;
    put_ten_with_bad();
    finish();
    assert_int_equal(fake_aws.count, 1);
    assert_non_null(strstr(reported_err.message, "1 line was not delivered"));
}

static void test_a_line_without_a_result_is_sent_again(void **state)
{
    (void)state;
    fake_aws.answer = forget;
    open_queue(QUEUE);
    put("a", 0, 0);
    put("b", 0, 0);
    finish();
    assert_string_equal(reported_err.message, "");
    assert_int_equal(fake_aws.count, 3);
}

static void test_dead_line(void **state)
{
    (void)state;
    fake_aws.answer = dead;
    open_queue(QUEUE);
    put("a", 0, 0);
    put("b", 0, 0);
    finish();
    assert_int_equal(reported_err.kind, ERR_NET);
    assert_non_null(strstr(reported_err.message, "2 lines were not delivered"));
}

static void test_denied(void **state)
{
    (void)state;
    fake_aws.answer = deny;
    put_ten_with_bad();
    finish();
    assert_int_equal(fake_aws.count, 1);
    assert_non_null(strstr(reported_err.message, "10 lines were not delivered"));
    assert_string_equal(reported_err.code, "AccessDeniedException");
}

static void test_fifo(void **state)
{
    (void)state;
    open_queue(QUEUE ".fifo");
    put("a", 0, 30);
    put("b", 0, 30);
    finish();
    const json_t *first = json_array_get(entries_of(0), 0);
    const json_t *second = json_array_get(entries_of(0), 1);
    assert_string_equal(json_get_string(first, "MessageGroupId", ""), "111122223333");
    assert_int_equal(strlen(json_get_string(first, "MessageDeduplicationId", "")), 64);
    assert_string_not_equal(json_get_string(first, "MessageDeduplicationId", ""),
                            json_get_string(second, "MessageDeduplicationId", ""));
    assert_null(json_object_get(first, "DelaySeconds"));
}

static void goes_to(const char *name, const char *queue_url, const char *endpoint)
{
    size_t before = fake_aws.count;
    reported = 0;
    open_queue(name);
    put("a", 0, 0);
    finish();
    const struct fake_request *request = &fake_aws.requests[before];
    assert_string_equal(json_get_string(request->json, "QueueUrl", ""), queue_url);
    assert_string_equal(request->url, endpoint);
}

static void test_names_of_queues(void **state)
{
    (void)state;
    goes_to("arn:aws:sqs:us-east-2:111122223333:work",
            "https://sqs.us-east-2.amazonaws.com/111122223333/work",
            "https://sqs.us-east-2.amazonaws.com/");
    goes_to("arn:aws-cn:sqs:cn-north-1:111122223333:work",
            "https://sqs.cn-north-1.amazonaws.com.cn/111122223333/work",
            "https://sqs.cn-north-1.amazonaws.com.cn/");
    goes_to("https://eu-west-3.queue.amazonaws.com/111122223333/work",
            "https://eu-west-3.queue.amazonaws.com/111122223333/work",
            "https://sqs.eu-west-3.amazonaws.com/");
    goes_to("http://127.0.0.1:5000/111122223333/work", "http://127.0.0.1:5000/111122223333/work",
            "https://sqs.us-west-2.amazonaws.com/");
}

static void test_invalid_names_of_queues(void **state)
{
    (void)state;
    static const char *const names[] = {"work",
                                        "ftp://host/work",
                                        "arn:aws:sns:us-east-2:111122223333:work",
                                        "arn:aws:sqs:nowhere:111122223333:work",
                                        "arn:aws:sqs:us-east-2:1:work",
                                        "arn:aws:sqs:us-east-2:111122223333:",
                                        "arn:aws:sqs",
                                        ""};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct err err = {0};
        assert_null(message_queue_open(message, names[i], &err));
        assert_int_equal(err.kind, ERR_USAGE);
    }
}

static void test_full(void **state)
{
    (void)state;
    open_queue(QUEUE);
    int lines = 0;
    while (!message_queue_full(queue) && lines < 1000) {
        put("a", 0, 0);
        lines++;
    }
    assert_in_range(lines, 20, 200);
    fake_aws_run();
    assert_false(message_queue_full(queue));
    finish();
}

static void test_freed_while_in_progress(void **state)
{
    (void)state;
    put_ten_with_bad();
    put("open", 0, 0);
    message_free(message);
    message = NULL;
    fake_aws_run();
    assert_int_equal(reported, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        TEST(test_batches_of_ten),
        TEST(test_nothing_to_send),
        TEST(test_batches_by_size),
        TEST(test_line_too_long),
        TEST(test_a_failed_line_is_sent_again),
        TEST(test_one_fails_for_good),
        TEST(test_senders_fault_is_final),
        TEST(test_a_line_without_a_result_is_sent_again),
        TEST(test_dead_line),
        TEST(test_denied),
        TEST(test_fifo),
        TEST(test_names_of_queues),
        TEST(test_invalid_names_of_queues),
        TEST(test_full),
        TEST(test_freed_while_in_progress),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
