/* What an entry of a policy's permissions may contain: its operations, and its resources. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "aws/operations/opset.h"
#include "base/mem.h"
#include "support/host_world.h"
#include "value/json.h"

static int set_up(void **state)
{
    (void)state;
    world_open(&world, NULL);
    return 0;
}

/* The third line is the one that is passed. */
static void write_policy(char out[2000], const char *entries)
{
    snprintf(out, 2000,
             "return policy { type = 'queue', title = 'Queue', permissions = {\n"
             "  read = { 'sqs:ListQueues' }, write = {\n%s\n} },\n"
             "  fetch = function() return nil end,\n"
             "  checks = { { id = 'queue.a', title = 'A', severity = 'low',\n"
             "    audit = function() return true end } } }\n",
             entries);
}

static void assert_declares(const char *entries, const char *expected)
{
    char text[2000];
    write_policy(text, entries);
    const struct policy *policy = world_load(&world, "queue", text);
    char *writes =
        json_text(json_object_get(json_object_get(policy->meta, "permissions"), "write"));
    for (char *c = writes; *c != '\0'; c++)
        *c = *c == '"' ? '\'' : *c;
    assert_string_equal(writes, expected);
    mem_free(writes);
    assert_true(opset_has(policy->writes, "sqs", "SetQueueAttributes"));
}

#define QUEUES "'arn:${partition}:sqs:${region}:${account}:*'"
#define BUCKETS "'arn:${partition}:s3:::*'"

static void accepts_the_resources_of_an_action(void **state)
{
    (void)state;
    assert_declares("['sqs:SetQueueAttributes'] = { on = " QUEUES " }",
                    "[{'action':'sqs:SetQueueAttributes','operations':['sqs:SetQueueAttributes'],"
                    "'on':[" QUEUES "]}]");
}

static void accepts_several_resources_and_another_operation(void **state)
{
    (void)state;
    assert_declares("['sqs:SetThem'] = { call = 'sqs:SetQueueAttributes', on = { " QUEUES
                    ", " BUCKETS " } }",
                    "[{'action':'sqs:SetThem','operations':['sqs:SetQueueAttributes'],"
                    "'on':[" QUEUES "," BUCKETS "]}]");
}

static void accepts_no_operation_and_a_list_of_operations(void **state)
{
    (void)state;
    assert_declares(
        "['iam:PassRole'] = { call = false, on = 'arn:${partition}:iam::aws:r-?' },"
        "['sqs:A'] = { call = { 'sqs:SetQueueAttributes', 'sqs:DeleteQueue' } }",
        "[{'action':'iam:PassRole','operations':[],"
        "'on':['arn:${partition}:iam::aws:r-?']},"
        "{'action':'sqs:A','operations':['sqs:SetQueueAttributes','sqs:DeleteQueue']}]");
}

static const char *const refusals[][2] = {
    {"on = 'arn:aws:sqs:${region}:${account}:*'",
     "on: \"arn:aws:sqs:${region}:${account}:*\" is not a "
     "pattern of an ARN: write "
     "arn:${partition}:service:${region}:"},
    {"on = '*'", "on: \"*\" is not a pattern of an ARN"},
    {"on = 'arn:${partition}:sqs:${region}:${account}'", "is not a pattern of an ARN"},
    {"on = 'arn:${partition}:sqs:*:${account}:*'", "is not a pattern of an ARN"},
    {"on = 'arn:${partition}:sqs:${region}:*:*'", "is not a pattern of an ARN"},
    {"on = 'arn:${partition}:sqs:${region}:${account}:'", "is not a pattern of an ARN"},
    {"on = 'arn:${partition}:sqs:${region}:${account}:a b'", "is not a pattern of an ARN"},
    {"on = 'arn:${partition}::${region}:${account}:a'", "is not a pattern of an ARN"},
    {"on = 'arn:${partition}:sqs:${region}:${account}:${name}'",
     "on: \"${name}\" is not one of ${partition}, ${region}, ${account}"},
    {"on = 'arn:${partition}:sqs:${region}:${account}:${region'", "\"${region\" is not one of"},
    {"on = 'arn:${partition}:sqs:${region}:${account}:$x'", "\"$x\" is not one of"},
    {"on = ''", "on: must not be empty"},
    {"on = {}", "on: names nothing"},
    {"on = 7", "on: must be a table, not a number"},
    {"on = { " QUEUES ", 7 }", "on[2]: must be a string, not a number"},
    {"on = { q = " QUEUES " }", "on.q: "},
    {"no = " QUEUES, "no: no such field, did you mean \"on\"?"},
    {"calls = 'sqs:SetQueueAttributes'", "calls: no such field, did you mean \"call\"?"},
    {"call = 'sqs:SetQueueAttribute'", "call: sqs has no operation \"SetQueueAttribute\""},
    {"call = 7", "call: must be an operation, a list of them, or false"},
    {"call = {}", "call: names no operation"},
    {"call = 'sqs:ReceiveMessage'", "call: sqs:ReceiveMessage reveals data or secrets"},
    {"'sqs:DeleteQueue', call = 'sqs:SetQueueAttributes'",
     "call: the operations are also given before it"},
};

static void refuses_with_file_line_and_field(void **state)
{
    static const char at[] = "policies/refused";
    int wrong = 0;
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        char entry[400], text[2000];
        snprintf(entry, sizeof entry, "['sqs:SetQueueAttributes'] = { %s }", refusals[i][0]);
        write_policy(text, entry);
        const char *found = world_refusal(&world, text);
        bool named = strncmp(found, at, strlen(at)) == 0 &&
                     strstr(found, ":3: permissions.write.sqs:SetQueueAttributes.") != NULL;
        if (!named || strstr(found, refusals[i][1]) == NULL)
            wrong++, print_error("\"%s\" instead of \"%s\"\n", found, refusals[i][1]);
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, world_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(accepts_the_resources_of_an_action),
        TEST(accepts_several_resources_and_another_operation),
        TEST(accepts_no_operation_and_a_list_of_operations),
        TEST(refuses_with_file_line_and_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
