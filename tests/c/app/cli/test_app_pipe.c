/* The next program in a pipe ends, as head does: the run ends soon, quietly, and like a program
 * that SIGPIPE kills. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/app_case.h"

#define BY_PIPE (128 + SIGPIPE)
#define EVENT                                                                                      \
    "{\"source\":\"aws.sqs\",\"account\":\"" APP_ACCOUNT "\",\"region\":\"us-east-1\","            \
    "\"detail-type\":\"AWS API Call via CloudTrail\",\"detail\":{\"eventSource\":"                 \
    "\"sqs.amazonaws.com\",\"eventName\":\"CreateQueue\",\"awsRegion\":\"us-east-1\","             \
    "\"recipientAccountId\":\"" APP_ACCOUNT "\",\"responseElements\":{\"queueUrl\":\"" APP_QUEUE   \
    "\"}}}\n"

static const char *until; /* the request at which the reader ends */

static bool read_until(const struct peer_request *request)
{
    if (app_case.reader >= 0 && strstr(request->text, until) != NULL) {
        close(app_case.reader);
        app_case.reader = -1;
    }
    return false;
}

static int set_up(void **state)
{
    app_case_set_up(state);
    app_case.piped = true;
    app_case.hook = read_until;
    return 0;
}

static void ends_quietly(const char *request, const char *input, const char *words)
{
    until = request;
    assert_int_equal(app_run(input, words), BY_PIPE);
    assert_string_equal(app_case.err, "");
}

/* While its first request is not answered yet. */
static void reading_ends_at_once(void **state)
{
    (void)state;
    ends_quietly("GetCallerIdentity", "", "poll --accounts " APP_ACCOUNT);
    assert_int_equal(app_calls("GetQueueAttributes"), 0);
    ends_quietly("ListQueues", "", "poll --accounts " APP_ACCOUNT);
    ends_quietly("ListQueues", "", "scan --accounts " APP_ACCOUNT);
    ends_quietly("GetQueueAttributes", APP_LINE, "remediate");
    ends_quietly("GetCallerIdentity", "", "doctor --accounts " APP_ACCOUNT);
}

static void a_report_in_a_file_needs_no_reader(void **state)
{
    (void)state;
    until = "ListQueues";
    assert_int_equal(app_run("", "scan --accounts " APP_ACCOUNT " --output report"), 2);
}

/* The change that was being made is finished and in the journal, and undo takes it back. */
static void a_change_is_finished_and_recorded(void **state)
{
    (void)state;
    until = "SetQueueAttributes";
    assert_int_equal(app_run(APP_LINE APP_LINE, "remediate --remediate --journal j"), BY_PIPE);
    assert_int_equal(app_calls("SetQueueAttributes"), 1);
    assert_false(app_case.open);
    char *journal = app_read("j");
    assert_non_null(strstr(journal, "\"state\":\"step\""));
    assert_non_null(strstr(journal, "\"state\":\"end\""));
    mem_free(journal);
    assert_null(strstr(app_case.err, "could not be written"));
    assert_non_null(strstr(app_case.err, "journal: j"));
    app_case.piped = false;
    app_expect(0, "undone", "undo j");
    assert_true(app_case.open);
}

static void translate_ends_too(void **state)
{
    (void)state;
    app_case.unread = true;
    assert_int_equal(app_run(EVENT EVENT, "translate"), BY_PIPE);
    assert_string_equal(app_case.err, "");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, app_case_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(reading_ends_at_once),
        CASE(a_report_in_a_file_needs_no_reader),
        CASE(a_change_is_finished_and_recorded),
        CASE(translate_ends_too),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
