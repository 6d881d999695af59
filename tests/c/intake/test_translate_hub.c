/* Findings of Security Hub to resource lines: which findings, and how the id is told from the name
 * that AWS gives the resource. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "intake/translate_text.h"
#include "settings/settings.h"
#include "support/host_world.h"
#include "value/json.h"

#define ACCOUNT "111122223333"

static struct settings settings;
static struct context context;
static struct buf reported; /* "type id region account;", "!problem;", or a listing */
static bool lists;

#define POLICY(type, names)                                                                        \
    "return policy { type = '" type                                                                \
    "', title = 'T', permissions = { read = { 'sqs:ListQueues' } },\n"                             \
    "fetch = function(r) r.aws.sqs:ListQueues() end, checks = { { id = '" type                     \
    ".a', title = 'A', severity = 'low', audit = function() end } }, " names " }"

static const char *get_nothing(const char *name)
{
    (void)name;
    return NULL;
}

static int set_up(void **state)
{
    (void)state;
    struct err err = {0};
    world_open(&world, NULL);
    world_load(&world, "queue",
               POLICY("queue", "aws_type = 'AWS::SQS::Queue', id = { canonical = function(id)\n"
                               "return id:match('([^:]+)$') or error('odd', 0) end }"));
    world_load(&world, "thing",
               POLICY("thing", "aws_type = 'AWS::T::Thing', arn = 'arn:${partition}:t:${region}:"
                               "${account}:thing/${id}'"));
    world_load(&world, "named",
               POLICY("named", "aws_type = 'AWS::T::Named', arn = 'arn:aws:t:::${name}'"));
    world_load(&world, "other", POLICY("other", "asff = 'Other', arn = 'arn:aws:o:::x/${id}'"));
    world_load(&world, "place",
               POLICY("place", "asff = 'AwsAccount', arn = 'arn:aws:iam::${account}:root',\n"
                               "discover = function() end"));
    assert_int_equal(settings_init(&settings, get_nothing, "/nowhere", &err), 0);
    context = (struct context){.evaluator = world.evaluator, .settings = &settings};
    buf_init(&reported, 1 << 20);
    lists = true;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buf_clear(&reported);
    settings_clear(&settings);
    world_close(&world);
    return 0;
}

static void on_resource(void *arg, const struct resource *resource)
{
    (void)arg;
    buf_addf(&reported, "%s %s %s %s;", resource->type, resource->id, resource->region,
             resource->account);
}

static void on_problem(void *arg, enum translate_problem problem, const struct err *err)
{
    (void)arg;
    buf_addf(&reported, "%s%s;", problem == TRANSLATE_LACKS_ID ? "?" : "!", err->message);
}

static bool on_listing(void *arg, const json_t *message)
{
    (void)arg;
    if (lists)
        buf_addf(&reported, "list %s %s;", json_get_string(message, "resource_type", ""),
                 json_get_string(message, "region", ""));
    return lists;
}

static const struct translate_target target = {
    .resource = on_resource, .problem = on_problem, .listing = on_listing};

static void expect(const char *text, const char *want)
{
    buf_reset(&reported);
    translate_text(&context, text, strlen(text), &target);
    if (strcmp(buf_text(&reported), want) != 0)
        fail_msg("%s\n  gave \"%s\"\n  instead of \"%s\"", text, buf_text(&reported), want);
}

#define EVENT_OF(source, kind, findings)                                                           \
    "{\"detail-type\":\"Security Hub Findings - " kind "\",\"source\":\"" source                   \
    "\",\"account\":\"999999999999\",\"region\":\"us-east-2\",\"detail\":{\"findings\":" findings  \
    "}}"
#define IMPORTED(findings) EVENT_OF("aws.securityhub", "Imported", findings)
#define CHOSEN(findings) EVENT_OF("aws.securityhub", "Custom Action", findings)
#define FINDING_OF(account, more, resources)                                                       \
    "{\"Id\":\"f-1\",\"AwsAccountId\":\"" account                                                  \
    "\",\"Region\":\"eu-west-1\",\"RecordState\":\"ACTIVE\"," more "\"Resources\":[" resources     \
    "]}"
#define FINDING(more, resources) FINDING_OF(ACCOUNT, more, resources)
#define RESOURCE(type, id) "{\"Type\":\"" type "\",\"Id\":\"" id "\"}"
#define FAILED "\"Compliance\":{\"Status\":\"FAILED\"},\"Workflow\":{\"Status\":\"NEW\"},"
#define QUEUE RESOURCE("AwsSqsQueue", "arn:aws:sqs:eu-west-1:" ACCOUNT ":orders")
#define LINE "queue orders eu-west-1 " ACCOUNT ";"

static void test_findings(void **state)
{
    (void)state;
    expect(IMPORTED("[" FINDING(FAILED, QUEUE) "]"), LINE);
    expect(CHOSEN("[" FINDING(FAILED, QUEUE) "]"), LINE);
    expect(CHOSEN("[" FINDING(FAILED, QUEUE) "," FINDING("", QUEUE "," QUEUE) "]"), LINE);
    expect(IMPORTED("[]"), "");
}

static void test_settled_findings(void **state)
{
    static const char *const settled[] = {
        "\"RecordState\":\"ARCHIVED\",", "\"Workflow\":{\"Status\":\"RESOLVED\"},",
        "\"Workflow\":{\"Status\":\"SUPPRESSED\"},", "\"Compliance\":{\"Status\":\"PASSED\"},"};
    (void)state;
    for (size_t i = 0; i < sizeof settled / sizeof *settled; i++) {
        char *text =
            mem_printf(IMPORTED("[{\"Id\":\"f\",\"AwsAccountId\":\"" ACCOUNT
                                "\",\"Region\":\"eu-west-1\",%s\"Resources\":[" QUEUE "]}]"),
                       settled[i]);
        expect(text, "");
        mem_free(text);
    }
}

/* What the engine sent does not come back by itself, but a person may choose it. */
static void test_own_findings(void **state)
{
#define OWN "[" FINDING(FAILED "\"ProductFields\":{\"engine/check\":\"queue.a\"},", QUEUE) "]"
    (void)state;
    expect(IMPORTED(OWN), "");
    expect(CHOSEN(OWN), LINE);
}

static void test_forged_events(void **state)
{
    (void)state;
    expect(EVENT_OF("mine.securityhub", "Imported", "[" FINDING(FAILED, QUEUE) "]"), "");
    expect(EVENT_OF("aws.securityhub", "Insight", "[" FINDING(FAILED, QUEUE) "]"), "");
}

static void test_ids(void **state)
{
    (void)state;
    expect(IMPORTED("[" FINDING(
               FAILED, RESOURCE("AwsTThing", "arn:aws:t:eu-west-1:" ACCOUNT ":thing/a/b")) "]"),
           "thing a/b eu-west-1 " ACCOUNT ";");
    expect(IMPORTED("[" FINDING(FAILED, RESOURCE("Other", "arn:aws:o:::x/1")) "]"),
           "other 1 eu-west-1 " ACCOUNT ";");
    expect(IMPORTED("[" FINDING(FAILED, "{\"Type\":\"AwsSqsQueue\",\"Region\":\"eu-west-2\",\"Id\":"
                                        "\"arn:aws:sqs:eu-west-2:" ACCOUNT ":orders\"}") "]"),
           "queue orders eu-west-2 " ACCOUNT ";");
}

/* No policy is responsible. */
static void test_other_resources(void **state)
{
    (void)state;
    expect(IMPORTED("[" FINDING(FAILED, RESOURCE("AwsXThing", "x")) "]"), "");
    expect(IMPORTED("[" FINDING(FAILED, RESOURCE("Other", "arn:aws:z:::x/1")) "]"), "");
    expect(IMPORTED("[" FINDING(FAILED, "") "]"), "");
    text_list_add(&settings.types, "thing");
    expect(IMPORTED("[" FINDING(FAILED, QUEUE) "]"), "");
}

/* An ARN that belongs to another account or region would lead to another resource. */
static void test_foreign_arn(void **state)
{
    (void)state;
    expect(IMPORTED("[" FINDING(
               FAILED, RESOURCE("AwsSqsQueue", "arn:aws:sqs:us-east-1:" ACCOUNT ":q")) "]"),
           "?Security Hub finding f-1: the id is an ARN of account " ACCOUNT
           " and region us-east-1, but the line says " ACCOUNT " and eu-west-1;");
}

static void test_ids_that_cannot_be_read(void **state)
{
    (void)state;
    expect(IMPORTED("[" FINDING(FAILED, RESOURCE("AwsTNamed", "arn:aws:t:::a")) "]"),
           "?Security Hub finding f-1: named cannot be read from an ARN: its policy has neither "
           "id.canonical nor an arn that ends in ${id};");
    expect(IMPORTED("[" FINDING(FAILED, RESOURCE("AwsTThing", "thing-7")) "]"),
           "?Security Hub finding f-1: thing-7 does not begin with arn:aws:t:eu-west-1:" ACCOUNT
           ":thing/;");
    expect(IMPORTED("[" FINDING(FAILED, RESOURCE("AwsSqsQueue", "a\\nb")) "]"),
           "?Security Hub finding f-1: \"id\" must not contain control characters;");
}

static void test_account_findings(void **state)
{
#define OF_ACCOUNT                                                                                 \
    IMPORTED("[" FINDING(FAILED, RESOURCE("AwsAccount", "AWS::::Account:" ACCOUNT)) "]")
    (void)state;
    expect(OF_ACCOUNT, "list place eu-west-1;");
    lists = false;
    expect(OF_ACCOUNT, "?Security Hub finding f-1: AWS::::Account:" ACCOUNT
                       " names the account: every place of account " ACCOUNT
                       " in eu-west-1 would have to be listed: set POLL_QUEUE;");
}

static void test_wrong_findings(void **state)
{
    (void)state;
    expect(IMPORTED("7"), "!detail.findings must be a list;");
    expect(IMPORTED("[" FINDING_OF("1", FAILED, QUEUE) "]"),
           "!Security Hub finding f-1: AwsAccountId must be a string of 12 digits;");
    expect(IMPORTED("[7]"), "!Security Hub finding : AwsAccountId must be a string of 12 digits;");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        TEST(test_findings),
        TEST(test_settled_findings),
        TEST(test_own_findings),
        TEST(test_forged_events),
        TEST(test_ids),
        TEST(test_other_resources),
        TEST(test_foreign_arn),
        TEST(test_ids_that_cannot_be_read),
        TEST(test_account_findings),
        TEST(test_wrong_findings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
