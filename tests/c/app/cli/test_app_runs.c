/* The commands that call AWS, each as a whole: what they write, which calls they make, and the exit
 * status for each result. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/cli/app.h"
#include "base/claim.h"
#include "base/mem.h"
#include "support/app_case.h"
#include "support/models.h"

#define SHA256_OF_NOTHING "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define QUEUE_URL "https://sqs.us-east-1.amazonaws.com/" APP_ACCOUNT "/lines"

static void answer(const struct app_answer *answers)
{
    app_case.answers = answers;
}

/* ---- auditing ---- */

static void scans(void **state)
{
    (void)state;
    app_expect(2, "\"check\":\"queue.public\"", "scan");
    app_wrote("\"status\":\"non_compliant\"");
    app_expect(2, "queue.public", "scan --format table --all");
    app_expect(2, "queue.public", "scan --format summary --types queue --severity high");
    assert_int_equal(app_calls("SetQueueAttributes"), 0);
    app_case.open = false;
    app_expect(0, "", "scan --output findings.jsonl");
    app_expect(0, "\"status\":\"compliant\"", "scan --all");
}

static void scans_nothing(void **state)
{
    static const struct app_answer none[] = {{"ListQueues", 200, "{}"}, {0}};
    (void)state;
    answer(none);
    app_expect(0, "no resources found in 1 place: nothing was audited", "scan");
    app_expect(0, "in 2 places: ", "scan --regions us-east-1,eu-west-1");
    assert_int_equal(app_run("", "scan --quiet"), 0);
    assert_null(strstr(app_case.err, "engine: "));
}

static void reports_what_cannot_be_read(void **state)
{
    static const struct app_answer unlisted[] = {
        {"ListQueues", 403, "{\"__type\":\"AccessDenied\",\"message\":\"no\"}"}, {0}};
    static const struct app_answer unread[] = {
        {"GetQueueAttributes", 403, "{\"__type\":\"AccessDenied\",\"message\":\"no\"}"}, {0}};
    static const struct app_answer refused[] = {
        {"GetCallerIdentity", 403,
         "<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>no</Message></Error>"
         "</ErrorResponse>"},
        {0}};
    (void)state;
    answer(unlisted);
    app_expect(1, "AccessDenied", "scan");
    answer(unread);
    app_expect(1, "\"status\":\"unknown\"", "scan");
    answer(refused);
    app_expect(1, "AWS_ACCESS_KEY_ID", "scan");
    app_expect(1, "AWS_ACCESS_KEY_ID", "poll");
    assert_int_equal(app_calls("ListQueues"), 0);
}

static void audits_lines(void **state)
{
    (void)state;
    assert_int_equal(app_run(APP_LINE, "remediate"), 2);
    app_wrote("\"remediation\":\"available\"");
    assert_int_equal(app_run(APP_LINE "{\n", "remediate --all"), 1);
    app_wrote("\"type\":\"run\"");
    app_expect(0, "nothing was audited", "remediate");
    assert_int_equal(app_run(APP_LINE, "remediate --accounts " APP_ACCOUNT), 2);
    assert_string_equal(app_case.err, "");
    assert_int_equal(app_run(APP_LINE, "remediate --accounts 222233334444"), 2);
    app_wrote("a line of account " APP_ACCOUNT " in us-east-1 is audited, too");
}

/* Each call with its time, and the parts that each check looked at. */
static void explains_one_resource(void **state)
{
    (void)state;
    app_expect(2, "engine: call: sqs:GetQueueAttributes in us-east-1, ",
               "--policy queue --resource " APP_QUEUE " --account " APP_ACCOUNT
               " --region us-east-1 --no-assume-role --explain --format jsonl");
    app_wrote("\"looked_at\":[\"text\"]");
    app_expect(2, "looked at: text",
               "--policy queue --resource " APP_QUEUE " --account " APP_ACCOUNT
               " --region us-east-1 --no-assume-role --explain --format table");
    app_expect(2, "queue.public",
               "--policy queue --resource " APP_QUEUE " --account " APP_ACCOUNT
               " --region us-east-1 --no-assume-role --format jsonl");
    assert_null(strstr(app_case.out, "looked_at"));
    assert_null(strstr(app_case.err, "call: "));
}

static void audits_one_resource(void **state)
{
    (void)state;
    app_expect(2, "\"id\":\"" APP_QUEUE "\"", "--policy queue.lua --resource " APP_QUEUE);
    app_expect(2, "non_compliant",
               "--policy queue --resource " APP_QUEUE " --account " APP_ACCOUNT
               " --region us-east-1");
    app_expect(EXIT_USAGE, "moon", "--policy moon --resource " APP_QUEUE);
    app_setenv("AWS_REGION", "us-esat-1");
    app_expect(2, "did you mean \"us-east-1\"?", "--policy queue --resource " APP_QUEUE);
    app_setenv("AWS_REGION", NULL);
    app_expect(EXIT_USAGE, "region", "--policy queue --resource " APP_QUEUE);
}

/* A mistyped name is reported even if nothing can be called. */
static void names_a_typo_before_any_call(void **state)
{
    static const struct app_answer refused[] = {
        {"GetCallerIdentity", 403,
         "<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>no</Message></Error>"
         "</ErrorResponse>"},
        {0}};
    (void)state;
    answer(refused);
    app_expect(EXIT_USAGE, "moon", "--policy moon --resource x");
    app_expect(EXIT_USAGE, "moon", "plan --policy moon --resource x");
    app_setenv("AWS_REGION", NULL);
    app_expect(EXIT_USAGE, "no region", "--policy queue --resource " APP_QUEUE);
    assert_int_equal(app_calls("GetCallerIdentity"), 0);
}

/* ---- repairing ---- */

static void repairs_and_undoes(void **state)
{
    (void)state;
    assert_int_equal(app_run(APP_LINE, "remediate --remediate --journal j"), 0);
    app_wrote("engine undo j");
    app_wrote("\"remediation\":\"fixed\"");
    assert_false(app_case.open);
    assert_int_equal(app_calls("SetQueueAttributes"), 1);
    app_expect(0, "undone", "undo j --format table");
    app_wrote("--exceptions FILE");
    assert_true(app_case.open);
    app_expect(0, "j", "undo j");
    assert_int_equal(app_calls("SetQueueAttributes"), 0);
}

/* The next command must find the same policies. */
static void names_the_policies_of_the_next_command(void **state)
{
    (void)state;
    assert_int_equal(app_run(APP_LINE, "plan --output p --policies policies"), 2);
    app_wrote("(to see it: engine show p; to make its calls: engine apply p --policies policies)");
    app_expect(0, "(to undo it: engine undo p.journal --policies policies)",
               "apply p --policies policies");
}

static void plans_and_applies(void **state)
{
    (void)state;
    app_expect(2, "engine apply p", "scan --dry-run --output p");
    assert_true(app_case.open);
    app_expect(0, "p.journal", "apply p");
    assert_false(app_case.open);
    app_expect(0, "\"result\":\"undone\"", "undo p.journal --format jsonl");
    assert_int_equal(app_run(APP_LINE, "plan --output p2"), 2);
    app_case.open = false;
    app_expect(0, "no call was made", "apply p2"); /* it was repaired meanwhile */
    app_expect(0, "", "apply p2 --quiet");
    assert_null(strstr(app_case.err, "no call"));
    assert_int_equal(app_calls("SetQueueAttributes"), 0);
    app_case.open = true;
    app_expect(2, "\"steps\"", "plan --policy queue --resource " APP_QUEUE);
    app_expect(EXIT_USAGE, "nowhere", "apply nowhere");
    app_expect(EXIT_USAGE, "nowhere", "undo nowhere");
    app_file("damaged", "{\"no\":\"plan\"}\n");
    app_expect(EXIT_USAGE, "damaged", "apply damaged");
}

/* All plans without calls are equal: two pipelines may apply theirs at the same time. */
static void applies_empty_plans_at_the_same_time(void **state)
{
    (void)state;
    app_file("empty", "");
    int other = claim_take("plan " SHA256_OF_NOTHING);
    app_expect(0, "empty", "apply empty");
    claim_drop(other);
}

/* The hint names a file only if apply can read it. */
static void hints_at_plans_that_can_be_applied(void **state)
{
    (void)state;
    assert_int_equal(app_run(APP_LINE, "remediate --dry-run --output p --format csv"), 2);
    assert_null(strstr(app_case.err, "engine apply"));
    app_wrote("p is in a format for people: write the plan without --format to apply it");
    app_expect(EXIT_USAGE, "as `engine plan --output FILE` writes it without --format", "apply p");
    assert_int_equal(app_run(APP_LINE, "remediate --dry-run --output p"), 2);
    app_wrote("engine apply p");
    assert_int_equal(app_run(APP_LINE, "remediate --dry-run --output it's"), 2);
    app_wrote("plan: it's (to see it: engine show 'it'\\''s'; to make its calls: engine apply "
              "'it'\\''s')");
    assert_int_equal(app_run(APP_LINE, "remediate --remediate --journal j's"), 0);
    app_wrote("journal: j's (to undo it: engine undo 'j'\\''s')");
}

static void repairs_what_is_admitted(void **state)
{
    (void)state;
    app_expect(2, "\"held\"", "scan --remediate --max-changes 0");
    app_expect(EXIT_USAGE, "moon", "scan --remediate --repair moon");
    app_file("rules", "{\"rules\":[{\"type\":\"queue\",\"check\":\"queue.public\",\"reason\":\"r\","
                      "\"owner\":\"o\",\"expires\":\"2099-01-01\"}]}");
    app_expect(0, "", "scan --remediate --exceptions rules");
    app_file("rules", "{");
    app_expect(EXIT_USAGE, "--exceptions: rules", "scan --remediate --exceptions rules");
    app_setenv("EXCEPTIONS", "rules");
    app_expect(EXIT_USAGE, "error: EXCEPTIONS: rules", "scan --remediate");
    assert_true(app_case.open);
}

/* ---- lines ---- */

static void polls(void **state)
{
    (void)state;
    app_expect(0, APP_LINE, "poll");
    app_wrote("{\"poll\":\"begin\"");
    assert_int_equal(app_run("", "poll --sqs " QUEUE_URL), 0);
    assert_string_equal(app_case.out, "");
    assert_string_equal(app_case.err, "engine: 1 resource line sent to " QUEUE_URL "\n");
    assert_int_equal(app_calls("SendMessageBatch"), 1);
    assert_int_equal(app_run("", "poll --quiet --sqs " QUEUE_URL), 0);
    assert_string_equal(app_case.err, "");
    app_expect(EXIT_USAGE, "nowhere", "poll --sqs nowhere");
    app_expect(0, "{\"poll\":\"begin\",\"places\":2}",
               "poll --types queue,queue --regions us-east-1,eu-west-1,us-east-1");
    app_expect(2, "1 resource · 1 check", "scan --types queue,queue --format summary");
}

static void reports_a_queue_that_accepts_nothing(void **state)
{
    static const struct app_answer full[] = {
        {"SendMessageBatch", 403, "{\"__type\":\"AccessDenied\",\"message\":\"not you\"}"}, {0}};
    (void)state;
    answer(full);
    app_expect(1, "not you", "poll --sqs " QUEUE_URL);
    assert_null(strstr(app_case.err, "1 resource line sent"));
}

/* ---- recordings and scripts ---- */

static void records_and_replays(void **state)
{
    (void)state;
    app_expect(2, "queue.public", "scan --record tape");
    app_setenv("AWS_ACCESS_KEY_ID", NULL);
    app_expect(2, "queue.public", "scan --replay tape");
    assert_string_equal(app_case.asked, "");
    app_expect(EXIT_USAGE, "--replay: nowhere", "poll --replay nowhere");
}

static void runs_scripts(void **state)
{
    (void)state;
    app_file("s.lua", "print(#aws.sqs:ListQueues {}.QueueUrls, arg[1], arg[0]) return 3");
    app_expect(3, "1\t--x\ts.lua", "run s.lua --x");
    app_file("s.lua", "local function f() error('odd') end f()");
    app_expect(1, "odd", "run --region us-east-1 -- s.lua");
    app_wrote("stack traceback");
    app_expect(EXIT_USAGE, "nowhere.lua", "run nowhere.lua");
    assert_int_equal(app_run("print(1 + 1)\n", "repl --quiet"), 0);
    app_wrote("2");
}

/* ---- each step of the start fails in turn ---- */

struct step {
    const char *variable, *value;
    const char *words;
    int status;
    const char *part;
};

static void fails_at_each_step_of_the_start(void **state)
{
    static const struct step steps[] = {
        {"AWS_REGION", "nowhere", "scan", EXIT_USAGE, "AWS_REGION"},
        {"MAX_CHANGES", "some", "scan", EXIT_USAGE, "MAX_CHANGES"},
        {"ENGINE_MODELS", "/nowhere", "scan", EXIT_USAGE, "/nowhere"},
        {"AWS_USE_FIPS_ENDPOINT", "true", "scan", EXIT_USAGE, "AWS_ENDPOINT_URL"},
        {"AWS_USE_DUALSTACK_ENDPOINT", "maybe", "scan", EXIT_USAGE, "AWS_USE_DUALSTACK_ENDPOINT"},
        {"AWS_PROFILE", "nobody", "scan", 2, "queue.public"},
        {"AWS_PROFILE", "nobody", "scan --profile nbody", EXIT_USAGE,
         "profile 'nbody' (--profile)"},
        {NULL, NULL, "run --profile nobody x.lua", EXIT_USAGE, "/credentials"},
        {"ENGINE_POLICIES", "/nowhere", "scan", EXIT_USAGE, "/nowhere"},
        {"REPAIR", "moon", "scan", EXIT_USAGE, "moon"},
        {"REPAIR", "moon", "poll", 0, APP_LINE},
        {"STATE_TABLE", "arn:moon", "scan", EXIT_USAGE, "STATE_TABLE"},
        {"ACCOUNTS", "org", "scan", EXIT_USAGE, "ORGANIZATION_ACCOUNT"},
        {"TYPES", "moon", "scan", 2, "queue.public"},
        {"EXCEPTIONS", "/nowhere", "scan", EXIT_USAGE, "EXCEPTIONS: /nowhere"},
        {NULL, NULL, "scan --output /nowhere/file", 1, "/nowhere/file"},
        {NULL, NULL, "scan --remediate --journal /nowhere/j", 1, "/nowhere/j"},
        {NULL, NULL, "scan --record /nowhere/tape", 1, "/nowhere/tape"},
        {NULL, NULL, "scan --replay /nowhere/tape", EXIT_USAGE, "/nowhere/tape"},
        {NULL, NULL, "scan --types queue,moon", EXIT_USAGE, "moon"},
    };
    void *ignored = NULL;
    (void)state;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        app_case_tear_down(&ignored);
        app_case_set_up(&ignored);
        if (steps[i].variable != NULL)
            app_setenv(steps[i].variable, steps[i].value);
        app_expect(steps[i].status, steps[i].part, steps[i].words);
        assert_int_equal(app_calls("SetQueueAttributes"), 0);
    }
}

/* An option comes before a variable, a variable before the file. */
static void reads_a_file_of_settings(void **state)
{
    (void)state;
    app_file("settings.json", "{\"REGIONS\": [\"us-east-1\"], \"EXCEPTIONS\": \"/nowhere\"}");
    app_expect(EXIT_USAGE, "EXCEPTIONS: /nowhere", "scan --config settings.json");
    app_setenv("ENGINE_CONFIG", "settings.json");
    app_expect(EXIT_USAGE, "EXCEPTIONS: /nowhere", "scan");
    app_file("rules.json", "{\"rules\": []}");
    app_setenv("EXCEPTIONS", "rules.json");
    app_expect(2, "queue.public", "scan");
    app_setenv("EXCEPTIONS", "/elsewhere");
    app_expect(2, "queue.public", "scan --exceptions rules.json");
    app_expect(EXIT_USAGE, "--config: /nowhere: No such file", "scan --config=/nowhere");
    app_file("settings.json", "{\"REGION\": \"us-east-1\"}");
    app_expect(EXIT_USAGE, "did you mean \"REGIONS\"?", "check");
    app_expect(EXIT_USAGE, "did you mean \"REGIONS\"?", "run x.lua");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, app_case_set_up, app_case_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(scans),
        CASE(scans_nothing),
        CASE(reports_what_cannot_be_read),
        CASE(audits_lines),
        CASE(audits_one_resource),
        CASE(explains_one_resource),
        CASE(names_a_typo_before_any_call),
        CASE(repairs_and_undoes),
        CASE(names_the_policies_of_the_next_command),
        CASE(plans_and_applies),
        CASE(applies_empty_plans_at_the_same_time),
        CASE(hints_at_plans_that_can_be_applied),
        CASE(repairs_what_is_admitted),
        CASE(polls),
        CASE(reports_a_queue_that_accepts_nothing),
        CASE(records_and_replays),
        CASE(runs_scripts),
        CASE(fails_at_each_step_of_the_start),
        CASE(reads_a_file_of_settings),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
