/* What is replayed: responses in their order, and clear errors for what was not recorded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/tape.h"

/* ---- replaying ---- */

static void test_answers_in_their_order(void **state)
{
    (void)state;
    struct record *record = tape_record("poll");
    tape_recorded(record, "a=1", 200, "one");
    tape_recorded(record, "a=2", 404, "two");
    tape_recorded(record, "a=1", 200, "three");
    tape_end(record);
    struct replay *replay = tape_replay("poll");
    assert_int_equal(replay_clock_ms(replay), CLOCK_MS);
    REPLAY(replay, "a=1", "a=2", "a=1");
    assert_string_equal(tape.reported, "200:one 404:two 200:three ");
    REPLAY(replay, "a=2", "a=1");
    assert_non_null(strstr(tape.reported, "200:three "));
    assert_non_null(strstr(tape.reported, "404:two "));
    replay_free(replay);
    replay = tape_replay("poll");
    REPLAY(replay, "a=2", "a=1");
    assert_string_equal(tape.reported, "200:one 404:two ");
    replay_free(replay);
}

/* Earlier responses are waited for, but not forever. */
static void test_a_part_of_the_recording(void **state)
{
    (void)state;
    struct record *record = tape_record("poll");
    tape_recorded(record, "a=1", 200, "one");
    tape_recorded(record, "a=2", 200, "two");
    tape_recorded(record, "a=3", 200, "three");
    tape_end(record);
    struct replay *replay = tape_replay("poll");
    REPLAY(replay, "a=3", "a=2");
    assert_string_equal(tape.reported, "200:two 200:three ");
    replay_free(replay);
}

static void test_temporary_failures_are_left_out(void **state)
{
    (void)state;
    struct record *record = tape_record("poll");
    tape_recorded(record, "a=1", 503, "busy");
    tape_recorded(record, "a=1", 0, "nobody answers");
    tape_recorded(record, "a=1", 400, "<Code>Throttling</Code>");
    tape_recorded(record, "a=1", 403, "denied");
    tape_recorded(record, "a=2", 500, "broken");
    tape_recorded(record, "a=2", 0, "nobody answers");
    tape_end(record);
    struct replay *replay = tape_replay("poll");
    REPLAY(replay, "a=1", "a=2", "a=2");
    assert_string_equal(tape.reported, "403:denied timeout:nobody answers timeout:nobody answers ");
    replay_free(replay);
}

static void test_requests_that_were_not_recorded_fail(void **state)
{
    (void)state;
    struct record *record = tape_record("poll");
    tape_recorded(record, "a=1", 200, "one");
    tape_end(record);
    struct replay *replay = tape_replay("poll");
    REPLAY(replay, "a=9");
    char expected[256];
    snprintf(expected, sizeof expected,
             "io:not in the recording %s: POST sqs.example/path (us-east-1/sqs "
             "AmazonSQS.ListQueues a=9) in account 111122223333 ",
             tape.dir);
    assert_string_equal(tape.reported, expected);
    replay_free(replay);
}

static void test_no_change_is_replayed(void **state)
{
    (void)state;
    struct record *record = tape_record("run");
    struct http_transport transport = record_transport(record);
    struct http_request request = tape_request("a=1");
    request.once = true;
    tape.next = (struct tape_answer){200, "done"};
    transport.start(transport.self, &request, tape_note, NULL);
    loop_run(tape.loop);
    tape_end(record);
    struct replay *replay = tape_replay("run");
    transport = replay_transport(replay);
    transport.start(transport.self, &request, tape_note, NULL);
    loop_run(tape.loop);
    assert_non_null(strstr(tape.reported, "io:--replay makes no changes: POST "));
    REPLAY(replay, "a=1");
    assert_non_null(strstr(tape.reported, "io:not in the recording"));
    replay_free(replay);
}

static void test_the_commands_own_recording_counts(void **state)
{
    (void)state;
    struct record *record = tape_record("audit");
    tape_recorded(record, "a=1", 200, "of the audit");
    tape_recorded(record, "a=2", 200, "of the audit");
    tape_end(record);
    record = tape_record("poll");
    tape_recorded(record, "a=1", 200, "of the poll");
    tape_recorded(record, "a=1", 200, "of the poll");
    tape_end(record);
    struct replay *replay = tape_replay("poll");
    REPLAY(replay, "a=1", "a=1", "a=1", "a=2");
    assert_string_equal(tape.reported,
                        "200:of the poll 200:of the poll 200:of the poll 200:of the audit ");
    replay_free(replay);
}

static void ask_session(const struct http_transport *transport, const char *body)
{
    static const struct http_header header = {"content-type", "application/x-www-form-urlencoded"};
    const struct http_request request = {.method = "POST",
                                         .url = "https://sts.example/",
                                         .headers = &header,
                                         .header_count = 1,
                                         .body = body,
                                         .body_length = strlen(body)};
    transport->start(transport->self, &request, tape_note, NULL);
    loop_run(tape.loop);
}

/* A session with the same permissions is preferred, otherwise any session of the role. */
static void test_sessions(void **state)
{
    (void)state;
    struct record *record = tape_record("poll");
    struct http_transport transport = record_transport(record);
    tape.next = (struct tape_answer){403, "refused"};
    ask_session(&transport, "Action=AssumeRole&RoleArn=r1&RoleSessionName=a&Policy=x");
    tape.next = (struct tape_answer){200, "session"};
    ask_session(&transport, "Action=AssumeRole&RoleArn=r1&RoleSessionName=b&Policy=y");
    tape_end(record);
    struct replay *replay = tape_replay("poll");
    transport = replay_transport(replay);
    ask_session(&transport, "Action=AssumeRole&RoleArn=r1&RoleSessionName=c&Policy=z");
    ask_session(&transport, "Action=AssumeRole&RoleArn=r1&RoleSessionName=d&Policy=x");
    assert_string_equal(tape.reported, "200:session 403:refused ");
    ask_session(&transport, "Action=AssumeRole&RoleArn=r2&RoleSessionName=c&Policy=x");
    assert_non_null(strstr(tape.reported, "io:not in the recording"));
    replay_free(replay);
}

static void test_cancelled_and_given_up(void **state)
{
    (void)state;
    struct record *record = tape_record("poll");
    tape_recorded(record, "a=1", 200, "one");
    tape_end(record);
    struct replay *replay = tape_replay("poll");
    struct http_transport transport = replay_transport(replay);
    transport.cancel(transport.self, tape_ask(&transport, "a=1"));
    loop_run(tape.loop);
    assert_string_equal(tape.reported, "");
    tape_ask(&transport, "a=1");
    replay_free(replay);
    loop_run(tape.loop);
    assert_string_equal(tape.reported, "");
}

static void test_bytes_that_are_no_text(void **state)
{
    (void)state;
    struct record *record = tape_record("poll");
    tape_recorded(record, "a=1", 200, "\xff\xfe raw");
    tape_end(record);
    struct replay *replay = tape_replay("poll");
    REPLAY(replay, "a=1");
    assert_string_equal(tape.reported, "200:\xff\xfe raw ");
    replay_free(replay);
}

/* ---- what cannot be replayed ---- */

static void check_spoilt(const char *text, const char *expected)
{
    struct err err = {0};
    char path[128];
    snprintf(path, sizeof path, "%s/poll.jsonl", tape.dir);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_null(replay_open(tape.loop, tape.dir, "audit", &err));
    if (strstr(err.message, expected) == NULL)
        fail_msg("%s: %s", expected, err.message);
}

#define HEAD "{\"recording\":1,\"command\":\"poll\",\"clock_ms\":1}\n"

static void test_spoilt_recordings(void **state)
{
    struct err err = {0};
    (void)state;
    check_spoilt("", "poll.jsonl is empty");
    check_spoilt("[]", "line 1: this is not a recording of format 1");
    check_spoilt("{\"recording\":2,\"clock_ms\":1}", "line 1: this is not a recording");
    check_spoilt(HEAD "{\"request\":{}}", "line 2: this is not a request with its response");
    check_spoilt(HEAD "{\"request\":{},\"answer\":", "poll.jsonl line 2: ");
    assert_null(replay_open(tape.loop, "/no/such/place", "poll", &err));
    assert_int_equal(err.kind, ERR_USAGE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, tape_open, tape_close)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_answers_in_their_order),
        TEST(test_a_part_of_the_recording),
        TEST(test_temporary_failures_are_left_out),
        TEST(test_requests_that_were_not_recorded_fail),
        TEST(test_no_change_is_replayed),
        TEST(test_the_commands_own_recording_counts),
        TEST(test_sessions),
        TEST(test_cancelled_and_given_up),
        TEST(test_bytes_that_are_no_text),
        TEST(test_spoilt_recordings),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
