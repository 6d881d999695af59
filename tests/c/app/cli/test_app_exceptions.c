/* Exception rules in S3 and in SSM, in an AWS that the test plays. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/cli/app.h"
#include "base/mem.h"
#include "support/app_case.h"

#define S3 "--exceptions s3://rules/team/rules.json"
#define SSM "--exceptions ssm:/engine/rules"
#define ARN "arn:aws:ssm:eu-west-1:222233334444:parameter/engine/rules"
#define RULES                                                                                      \
    "{\"rules\":[{\"check\":\"queue.public\",\"reason\":\"agreed\",\"expires\":\"2999-01-01\"}]}"
#define ESCAPED                                                                                    \
    "{\\\"rules\\\":[{\\\"check\\\":\\\"queue.public\\\",\\\"reason\\\":\\\"agreed\\\","           \
    "\\\"expires\\\":\\\"2999-01-01\\\"}]}"
#define PARAMETER(type, value) "{\"Parameter\":{\"Type\":\"" type "\",\"Value\":\"" value "\"}}"
#define OBJECT "GET /rules/team/rules.json"
#define GET_PARAMETER "AmazonSSM.GetParameter"

static void play(const struct app_answer *answers)
{
    app_case.answers = answers;
    app_case.hook = NULL;
}

static void expect(int status, const char *part, const char *words)
{
    assert_int_equal(app_run(APP_LINE, words), status);
    app_wrote(part);
}

static void exempt_what_the_object_says(void **state)
{
    static const struct app_answer answers[] = {{OBJECT, 200, RULES}, {0}};
    (void)state;
    play(answers);
    expect(0, "\"status\":\"exempt\"", "remediate " S3);
    app_wrote("agreed");
    app_setenv("EXCEPTIONS", "s3://rules/team/rules.json");
    expect(0, "\"status\":\"exempt\"", "remediate --remediate");
    assert_int_equal(app_calls("SetQueueAttributes"), 0);
    expect(0, "s3://rules/team/rules.json: rules[0]", "remediate");
}

static bool saw_arn, saw_name;

static bool note_name(const struct peer_request *request)
{
    saw_arn |= strstr(request->text, "\"Name\":\"" ARN "\"") != NULL;
    saw_name |= strstr(request->text, "\"Name\":\"/engine/rules\"") != NULL;
    return false;
}

static void exempt_what_the_parameter_says(void **state)
{
    static const struct app_answer answers[] = {{GET_PARAMETER, 200, PARAMETER("String", ESCAPED)},
                                                {0}};
    (void)state;
    play(answers);
    app_case.hook = note_name;
    expect(0, "\"status\":\"exempt\"", "remediate " SSM);
    assert_true(saw_name && !saw_arn);
    expect(0, "\"status\":\"exempt\"", "remediate --exceptions " ARN);
    assert_true(saw_arn);
}

/* A usage error, and no resource is looked at. */
static void refuse(const char *part, const char *words)
{
    expect(64, part, words);
    assert_int_equal(app_calls("GetQueueAttributes"), 0);
}

static void refuse_what_cannot_be_read(void **state)
{
    static const struct app_answer answers[] = {
        {OBJECT, 404, "<Error><Code>NoSuchKey</Code><Message>no such rules</Message></Error>"},
        {GET_PARAMETER, 400, "{\"__type\":\"ParameterNotFound\"}"},
        {0}};
    (void)state;
    play(answers);
    refuse("--exceptions: s3://rules/team/rules.json cannot be read: ", "remediate " S3);
    app_wrote("no such rules");
    refuse("--exceptions: ssm:/engine/rules cannot be read: ", "remediate --remediate " SSM);
    app_wrote("ParameterNotFound");
}

static void refuse_what_is_wrong(void **state)
{
    static const struct app_answer answers[] = {
        {OBJECT, 200,
         "{\"rules\":[{\"check\":\"queue.publik\",\"reason\":\"a\",\"expires\":\"2999-01-01\"}]}"},
        {GET_PARAMETER, 200, PARAMETER("String", "{")},
        {0}};
    static const struct app_answer secret[] = {
        {GET_PARAMETER, 200, PARAMETER("SecureString", "AQICAH")}, {0}};
    (void)state;
    play(answers);
    refuse("queue.publik", "remediate " S3);
    refuse("--exceptions: ssm:/engine/rules: line 1", "remediate " SSM);
    play(secret);
    refuse("is a SecureString", "remediate " SSM);
}

static void refuse_wrong_names(void **state)
{
    static const struct app_answer none[] = {{0}};
    (void)state;
    play(none);
    refuse("names no object", "remediate --exceptions s3://rules/team/");
    refuse("is not the name of an S3 bucket", "remediate --exceptions s3://Rules/a.json");
    refuse("'ssm:/a%b' is not a parameter", "remediate --exceptions ssm:/a%b");
    refuse("is not a parameter: write ssm:/name", "remediate --exceptions ssm:");
    refuse("is not a parameter",
           "remediate --exceptions arn:aws:ssm:us-east-1:222233334444:document/x");
    refuse("only a file on this machine may be Lua", "remediate --exceptions s3://rules/rules.lua");
    refuse("cannot be combined with --record", "remediate --record tape " S3);
}

#define TAGGED(tags)                                                                               \
    "return policy { type = 'queue', title = 'Queue',\n"                                           \
    "  permissions = { read = { 'sqs:GetQueueAttributes', 'sqs:ListQueueTags' } },\n"              \
    "  fetch = function(queue)\n"                                                                  \
    "    return { got = queue.aws.sqs:GetQueueAttributes({ QueueUrl = queue.id }) ~= nil }\n"      \
    "  end,\n"                                                                                     \
    "  tags = function(queue) " tags " end,\n"                                                     \
    "  checks = { { id = 'queue.public', title = 'Open', severity = 'high',\n"                     \
    "    audit = function() return false, 'it is open' end,\n"                                     \
    "    fix = function() return nil end } } }\n"

/* A fix that is held for want of tags says why they are not known, in words that stay the same. */
static void say_why_tags_are_not_known(void **state)
{
    static const struct app_answer answers[] = {
        {"AmazonSQS.ListQueueTags", 400,
         "{\"__type\":\"AccessDenied\",\"message\":\"request 4711 is not allowed\"}"},
        {0}};
    (void)state;
    play(answers);
    app_file("rules.json", "{\"rules\":[{\"check\":\"queue.public\",\"tag\":{\"team\":\"a\"},"
                           "\"reason\":\"agreed\",\"expires\":\"2999-01-01\"}]}");
    app_file("policies/queue.lua",
             TAGGED("return queue.aws.sqs:ListQueueTags({ QueueUrl = queue.id }).Tags"));
    expect(2,
           "\"held\":\"the exception rules.json: rules[0] depends on tags, and those of this "
           "resource are not known (sqs:ListQueueTags: AccessDenied)\"",
           "remediate --exceptions rules.json");
    app_file("policies/queue.lua", TAGGED("return { 'team' }"));
    expect(2, "are not known (policies/queue.lua:6: tags must return a map of strings to strings)",
           "remediate --exceptions rules.json");
    app_file("policies/queue.lua", TAGGED("return nil"));
    expect(2, "those of this resource are not known\"", "remediate --exceptions rules.json");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, app_case_set_up, app_case_tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(exempt_what_the_object_says), TEST(exempt_what_the_parameter_says),
        TEST(refuse_what_cannot_be_read),  TEST(refuse_what_is_wrong),
        TEST(refuse_wrong_names),          TEST(say_why_tags_are_not_known),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
