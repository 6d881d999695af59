/* What is recorded, with a transport of the test in place of the network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "net/recording/record.h"
#include "net/recording/recorded_exchange.h"
#include "support/tape.h"

static void test_what_is_recorded(void **state)
{
    (void)state;
    struct record *record = tape_record("poll");
    tape_recorded(record, "a=1", 200, "text with hidden-token in it");
    assert_string_equal(tape.reported, "200:text with hidden-token in it ");
    tape_end(record);
    char *text = tape_text("poll");
    assert_string_equal(
        text, "{\"recording\":1,\"command\":\"poll\",\"clock_ms\":1790000000123}\n"
              "{\"request\":{\"method\":\"POST\",\"host\":\"sqs.example\",\"path\":\"/path\","
              "\"query\":\"a=1\",\"account\":\"111122223333\",\"scope\":\"us-east-1/sqs\","
              "\"headers\":{\"x-amz-target\":\"AmazonSQS.ListQueues\"}},\"answer\":{"
              "\"status\":200,\"headers\":[[\"content-type\",\"text/plain\"],"
              "[\"x-amzn-requestid\",\"r-1\"]],\"body\":\"text with MASKED in it\"}}\n");
    mem_free(text);
}

static void test_a_request_in_progress_at_the_end(void **state)
{
    (void)state;
    struct record *record = tape_record("poll");
    struct http_transport transport = record_transport(record);
    tape.next = (struct tape_answer){200, ""};
    struct http_transfer *first = tape_ask(&transport, "a=1");
    struct http_transfer *second = tape_ask(&transport, "a=2");
    transport.cancel(transport.self, first);
    transport.cancel(transport.self, second);
    loop_run(tape.loop);
    assert_string_equal(tape.reported, "");
    tape_end(record);
}

/* A message that was cut within a character must not spoil the whole recording. */
static void test_any_failure_is_recorded(void **state)
{
    struct err err = {0};
    (void)state;
    err_set(&err, ERR_NET, "no answer from caf\xc3");
    json_t *answer = recorded_answer(NULL, NULL, NULL, &err);
    const json_t *error = json_object_get(answer, "error");
    assert_non_null(strstr(json_string_value(json_object_get(error, "message")), "no answer"));
    json_decref(answer);
}

static void test_a_recording_is_kept(void **state)
{
    struct err err = {0};
    (void)state;
    tape_end(tape_record("poll"));
    const struct record_head head = {"poll", CLOCK_MS, NULL};
    assert_null(record_open(tape.dir, &head, &tape_network, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    assert_non_null(strstr(err.message, "already exists"));
}

/* The first file that is read decides, as for the clock. */
static void test_the_endpoints_are_in_the_head(void **state)
{
    struct err err = {0};
    json_t *endpoints = json_pack("{s:{s:s}}", "variables", "AWS_ENDPOINT_URL", "http://here");
    const struct record_head heads[] = {{"poll", CLOCK_MS, endpoints}, {"scan", CLOCK_MS, NULL}};
    (void)state;
    for (size_t i = 0; i < 2; i++)
        tape_end(record_open(tape.dir, &heads[i], &tape_network, &err));
    struct replay *replay = tape_replay("poll");
    assert_true(json_equal(replay_endpoints(replay), endpoints));
    replay_free(replay);
    replay = tape_replay("scan");
    assert_null(replay_endpoints(replay));
    replay_free(replay);
    json_decref(endpoints);
}

static void test_a_full_disk(void **state)
{
    struct err err = {0};
    (void)state;
    struct record *record = tape_record("poll");
    FILE *full = fopen("/dev/full", "w");
    /* The file has the descriptor that was opened last. */
    assert_true(dup2(fileno(full), fileno(full) - 1) >= 0);
    fclose(full);
    tape_recorded(record, "a=1", 200, "body");
    assert_int_equal(record_flush(record, &err), -1);
    assert_non_null(strstr(err.message, "is incomplete: No space left"));
    record_free(record);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, tape_open, tape_close)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_what_is_recorded),
        TEST(test_a_request_in_progress_at_the_end),
        TEST(test_any_failure_is_recorded),
        TEST(test_a_recording_is_kept),
        TEST(test_the_endpoints_are_in_the_head),
        TEST(test_a_full_disk),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
