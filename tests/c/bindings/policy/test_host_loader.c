/* What the loader refuses, with file, line and field in the message; and what it makes of a valid
 * file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "aws/operations/opset.h"
#include "base/log.h"
#include "base/mem.h"
#include "support/host_world.h"
#include "value/json.h"

/* Other problems of a file are reported together with its first error. */
static void silence(enum log_level level, const char *line)
{
    (void)level, (void)line;
}

static int set_up(void **state)
{
    (void)state;
    log_set_sink(silence);
    const struct host_options limits = {.instructions_max = 2000000};
    world_open(&world, &limits);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    world_close(&world);
    log_set_sink(NULL);
    return 0;
}

/* A valid policy, whose lines are replaced by bad ones, one at a time. */
static const char *const good[] = {
    "local function f() return true end",
    "return policy {",
    "  type = 'queue',",
    "  title = 'Queue',",
    "  aliases = { 'q', 'qu' },",
    "  scope = 'global',",
    "  permissions = {",
    "    read = { 'sqs:ListQueues', ['sqs:GetAttributes'] = 'sqs:GetQueueAttributes' },",
    "    write = { 'sqs:SetQueueAttributes', ['iam:PassRole'] = false },",
    "  },",
    "  events = { ['sqs:CreateQueue'] = 'responseElements.queueUrl' },",
    "  discover = f, tags = f, fetch = function(r) return r.aws.sqs:ListQueues() end,",
    "  checks = {",
    "    { id = 'queue.a', title = 'A', severity = 'high',",
    "      controls = { cis = { '1.1' } }, risk = 'R.', advice = 'B.',",
    "      url = 'https://docs.aws.amazon.com/x#y', impact = 'stops', repair = 'S.',",
    "      audit = f, fix = f, when = f },",
    "    { id = 'queue.b', title = 'B', severity = 'low', audit = f },",
    "  },",
    "}",
    "-- GetQueueAttributes SetQueueAttributes",
};

enum { LINES = sizeof good / sizeof *good };

struct refusal {
    int line; /* line of the valid policy to be replaced; from 1 */
    const char *text;
    const char *message;
};

static const struct refusal refusals[] = {
    {1, "local function f( return true end", ":1: <name> or '...' expected near"},
    {1, "error('no')", ":1: no"},
    {1, "while true do end", "ran too long"},
    {1, "local f = os.time", ":1: there is no global \"os\""},
    {1, "local f = require 'lib.nothing'", "lib/nothing.lua: No such file"},
    {2, "return { ", ":1: the file must return policy { … }"},
    {3, "  type = 'Queue',", ":3: type: \"Queue\" must be lower-case letters"},
    {3, "  type = 7,", ":3: type: must be a string, not a number"},
    {3, "", ":2: type: is missing; it must be a string"},
    {4, "  title = '',", ":4: title: must not be empty"},
    {4, "  titel = 'Queue',", ":4: titel: no such field, did you mean \"title\"?"},
    {5, "  aliases = 'q',", ":5: aliases: must be a table, not a string"},
    {5, "  aliases = { q = 'q' },", ":5: aliases.q: aliases must be a list"},
    {5, "  aliases = { 'a', 1 },", ":5: aliases[2]: must be a string, not a number"},
    {6, "  scope = 'world',", ":6: scope: \"world\" is neither \"region\" nor \"global\""},
    {8, "    reads = {},", ":8: permissions.reads: no such field, did you mean \"read\"?"},
    {8, "", ":7: permissions.read: is missing; it must be a table"},
    {8, "    read = { 'sqs:*' },", ":8: permissions.read[1]: \"sqs:*\" is not an action"},
    {8, "    read = { 'ListQueues' },", ":8: permissions.read[1]: \"ListQueues\" is not an action"},
    {8, "    read = { 'sqs:SetQueueAttributes' },", "sqs:SetQueueAttributes changes things"},
    {8, "    read = { 'sqs:ReceiveMessage' },", "reveals data or secrets"},
    {8, "    read = { 'sts:GetCallerIdentity' },", "no policy may call sts; resource:caller()"},
    {9, "    write = { 'sts:AssumeRole' },", "no policy may call sts"},
    {8, "    read = { ['sqs:ListQueues'] = 'sqs:DeleteQueue' },",
     ":8: permissions.read.sqs:ListQueues: sqs:DeleteQueue changes things"},
    {8, "    read = { ['sqs:DeleteQueue'] = 'sqs:ListQueues' },",
     ":8: permissions.read.sqs:DeleteQueue: sqs:DeleteQueue changes things"},
    {8, "    read = { ['sqs:DeleteQueue'] = false },", "sqs:DeleteQueue changes things"},
    {8, "    read = { ['sqs:ListQueues'] = { } },", "names no operation"},
    {8, "    read = { ['sqs:ListQueues'] = 7 },", "must be an operation, a list of them, or false"},
    {8, "    read = { 'sqs:ListQueue' },", "did you mean \"ListQueues\"?"},
    {8, "    read = { 'sqss:ListQueues' },", ":8: permissions.read[1]: "},
    {8, "    read = { 'sqs:ListQueues',\n 'sqs:ListQueues' },",
     ":9: permissions.read[2]: sqs:ListQueues is declared twice"},
    {8, "    read = { 'sqs:DescribeVault' },",
     ":8: permissions.read[1]: sqs:DescribeVault is not among the reviewed reads, so it "
     "counts "
     "as a write. Where its documentation leaves no doubt that it only reads: "
     "[\"sqs:DescribeVault\"] = { reviewed = \"why it only reads\" }"},
    {8, "    read = { ['sqs:GetVault'] = 'sqs:DescribeVault' },",
     "sqs:DescribeVault is not among the reviewed reads, so it counts as a write. Where its "
     "documentation leaves no doubt that it only reads: [\"sqs:GetVault\"] = { "
     "\"sqs:DescribeVault\", reviewed = \"why it only reads\" }"},
    {8, "    read = { ['sqs:DescribeVault'] = { reviewed = '' } },",
     ":8: permissions.read.sqs:DescribeVault.reviewed: must not be empty"},
    {8, "    read = { ['sqs:DescribeVault'] = { reviewed = ' ' } },", "must say why"},
    {8, "    read = { ['sqs:DescribeVault'] = { reviewed = true } },",
     "reviewed: must be a string, not a boolean"},
    {8, "    read = { ['sqs:DescribeVault'] = { reviewed = 'x', why = 'y' } },",
     "sqs:DescribeVault.why: no such field"},
    {8, "    read = { { reviewed = 'x' } },", ":8: permissions.read[1]: must be a string"},
    {8, "    read = { ['sqs:SetQueueAttributes'] = { reviewed = 'x' } },", "changes things"},
    {8, "    read = { ['sqs:GetThem'] = { 'sqs:SetQueueAttributes', reviewed = 'x' } },",
     "sqs:SetQueueAttributes changes things"},
    {8, "    read = { ['sqs:CreateQueue'] = { reviewed = 'x' } },", "changes things"},
    {8, "    read = { ['ec2:GetFlowLogsIntegrationTemplate'] = { reviewed = 'x' } },",
     "changes things"},
    {8, "    read = { ['sqs:ReceiveMessage'] = { reviewed = 'x' } },", "reveals data or secrets"},
    {8, "    read = { ['auditmanager:GetEvidenceFileUploadUrl'] = { reviewed = 'x' } },",
     "reveals data or secrets"},
    {8, "    read = { ['sqs:ScanAll'] = 'sqs:ListQueues' },",
     "sqs:ScanAll is not among the reviewed reads"},
    {9, "    write = { ['sqs:DeleteQueue'] = { reviewed = 'x' } },",
     "sqs:DeleteQueue.reviewed: no such field"},
    {8, "    read = { 'sqs:ListQueues' }, sensitive = 'sqs:ListQueues.QueueUrls',",
     "permissions.sensitive: must be a table"},
    {8, "    read = { 'sqs:ListQueues' }, sensitive = { ['sqs:ListQueues'] = 'why' },",
     ":8: permissions.sensitive.sqs:ListQueues: \"sqs:ListQueues\" is not a member: write "
     "service:Operation.Path.To.Member"},
    {8, "    read = { 'sqs:ListQueues' }, sensitive = { ['sqs:DescribeVault.Password'] = 'why' },",
     "sqs:DescribeVault is not declared in permissions.read"},
    {8, "    read = { 'sqs:ListQueues' }, sensitive = { ['sqs:ListQueues.Urls'] = 'why' },",
     "the response of sqs:ListQueues has no member Urls"},
    {8, "    read = { 'sqs:ListQueues' }, sensitive = { ['sqs:ListQueues.QueueUrls'] = 'why' },",
     "sqs:ListQueues.QueueUrls is not redacted, so it must not be declared"},
    {8,
     "    read = { ['sqs:DescribeVault'] = { reviewed = 'x' } }, sensitive = { "
     "['sqs:DescribeVault.Password'] = '' },",
     "permissions.sensitive.sqs:DescribeVault.Password: must not be empty"},
    {9, "    write = { 'sqs:ReceiveMessage' },", ":9: permissions.write[1]: sqs:ReceiveMessage"},
    {9, "    write = 'sqs:SetQueueAttributes',", ":9: permissions.write: must be a table"},
    {11, "  events = { CreateQueue = 'x' },",
     ":11: events.CreateQueue: must be named source:Event"},
    {11, "  events = { ['sqs:CreateQueue'] = 7 },",
     ":11: events.sqs:CreateQueue: must be a path, a list of paths, or a function(detail)"},
    {11, "  events = { ['sqs:CreateQueue'] = 'a..b' },", "\"a..b\" is not a path"},
    {11, "  events = { ['sqs:CreateQueue'] = 'a[1].b' },", "\"a[1].b\" is not a path"},
    {11, "  events = { ['sqs:CreateQueue'] = { id = 'a', delays = 1 } },",
     "delays: no such field, did you mean \"delay\"?"},
    {11, "  events = { ['sqs:CreateQueue'] = { id = 'a', delay = 'x' } },", "whole seconds"},
    {11, "  events = { ['sqs:CreateQueue'] = { delay = 1 } },", "id: must be a path"},
    {12, "  discover = f, tags = f,", ":2: fetch: is missing; it must be a function"},
    {12, "  discover = 1, fetch = f,", ":12: discover: must be a function, not a number"},
    {14, "    { id = 'a', title = 'A', severity = 'high',",
     ":14: checks[1].id: \"a\" should read queue.<name>"},
    {14, "    { id = 'queue.b', title = 'A', severity = 'high',",
     ":18: checks[2].id: \"queue.b\" is there twice"},
    {14, "    { id = 'queue.a', severity = 'high',", ":14: checks[1].title: is missing"},
    {14, "    { id = 'queue.a', title = 'A', severity = 'grave',",
     ":14: checks[1].severity: \"grave\" is not one of critical, high, medium, low"},
    {15, "      controls = { cis = '1.1' },", ":15: checks[1].controls.cis: must be a table"},
    {15, "      risk = '',", ":15: checks[1].risk: must not be empty"},
    {15, "      risk = { 'R' },", ":15: checks[1].risk: must be a string, not a table"},
    {15, "      advice = 'a\\nb',", ":15: checks[1].advice: must be one line"},
    {16, "      url = 'http://x.y/',",
     "url: \"http://x.y/\" is not an address that begins with https:"},
    {16, "      url = 'see the guide',", ":16: checks[1].url: \"see the guide\" is not an address"},
    {16, "      impact = 'stop',",
     ":16: checks[1].impact: \"stop\" is not one of none, interrupts, stops, destroys"},
    {16, "      repairs = 'S.',", "repairs: no such field, did you mean \"repair\"?"},
    {17, "      audit = f },",
     ":16: checks[1].impact: describes a repair, but the check has no fix"},
    {17, "      audit = true, fix = f, when = f },", ":17: checks[1].audit: must be a function"},
    {17, "      audits = f },", ":17: checks[1].audits: no such field, did you mean \"audit\"?"},
    {17, "      audit = f, fix = 'x' },", ":17: checks[1].fix: must be a function, not a string"},
    {18, "    7,", ":18: checks[2]: must be a table, not a number"},
    {18, "    { id = 'queue.b', title = 'B', severity = 'low', audit = f, repair = 'S.' },",
     ":18: checks[2].repair: describes a repair, but the check has no fix"},
};

static void write_policy(char out[4000], const struct refusal *refusal)
{
    out[0] = '\0';
    for (int i = 0; i < LINES; i++) {
        strcat(out, refusal != NULL && refusal->line == i + 1 ? refusal->text : good[i]);
        strcat(out, "\n");
    }
}

static void refuses_with_file_line_and_field(void **state)
{
    char text[4000];
    int wrong = 0;
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        write_policy(text, &refusals[i]);
        const char *found = world_refusal(&world, text);
        bool named = strncmp(found, "policies/refused", 16) == 0;
        if (!named || strstr(found, refusals[i].message) == NULL)
            wrong++, print_error("\"%s\" instead of \"%s\"\n", found, refusals[i].message);
    }
    assert_int_equal(wrong, 0);
}

static void describes_a_good_file(void **state)
{
    char text[4000];
    (void)state;
    write_policy(text, NULL);
    const struct policy *policy = world_load(&world, "queue", text);
    char *meta = json_text(policy->meta);
    assert_string_equal(
        meta,
        "{\"type\":\"queue\",\"title\":\"Queue\",\"scope\":\"global\",\"aliases\":[\"q\",\"qu\"],"
        "\"file\":\"policies/queue.lua\",\"permissions\":{\"read\":[{\"action\":\"sqs:ListQueues\","
        "\"operations\":[\"sqs:ListQueues\"]},{\"action\":\"sqs:GetAttributes\",\"operations\":["
        "\"sqs:GetQueueAttributes\"]}],\"write\":[{\"action\":\"sqs:SetQueueAttributes\","
        "\"operations\":[\"sqs:SetQueueAttributes\"]},{\"action\":\"iam:PassRole\",\"operations\":"
        "[]}],\"sensitive\":{},\"shared\":{}},\"tolerates\":{},\"reads\":[],\"events\":{\"sqs:"
        "CreateQueue\":"
        "{\"delay\":0}},\"checks\":[{\"id\":\"queue.a\","
        "\"title\":\"A\",\"severity\":\"high\",\"controls\":{\"cis\":[\"1.1\"]},\"fix\":true,"
        "\"risk\":\"R.\",\"advice\":\"B.\",\"url\":\"https://docs.aws.amazon.com/x#y\","
        "\"impact\":\"stops\",\"repair\":\"S.\"},"
        "{\"id\":\"queue.b\",\"title\":\"B\",\"severity\":\"low\",\"controls\":{},\"fix\":false}],"
        "\"discover\":true,\"tags\":true,\"canonical\":false,\"located\":false}");
    mem_free(meta);
    assert_true(policy->global);
    assert_true(opset_has(policy->reads, "sqs", "GetQueueAttributes"));
    assert_false(opset_has(policy->reads, "sqs", "SetQueueAttributes"));
    assert_true(opset_has(policy->writes, "sqs", "SetQueueAttributes"));
    assert_ptr_equal(policy, world.evaluator->find(world.evaluator->self, "q"));
    assert_null(world.evaluator->find(world.evaluator->self, "queue2"));
}

static void assert_declares(const char *line, const char *expected)
{
    char text[4000];
    struct refusal declared = {8, line, NULL};
    write_policy(text, &declared);
    const struct policy *policy = world_load(&world, "queue", text);
    char *reads = json_text(json_object_get(json_object_get(policy->meta, "permissions"), "read"));
    assert_string_equal(reads, expected);
    mem_free(reads);
    assert_int_equal(opset_count(policy->reviewed), 1);
    assert_true(opset_has(policy->reviewed, "sqs", "DescribeVault"));
    assert_true(opset_has(policy->reads, "sqs", "DescribeVault"));
}

static void accepts_declared_reads(void **state)
{
    (void)state;
    assert_declares(
        "    read = { ['sqs:DescribeVault'] = { reviewed = 'tells of it' }, 'sqs:ListQueues' },",
        "[{\"action\":\"sqs:ListQueues\",\"operations\":[\"sqs:ListQueues\"]},"
        "{\"action\":\"sqs:DescribeVault\",\"operations\":[\"sqs:DescribeVault\"],"
        "\"reviewed\":\"tells of it\"}]");
}

static void needs_no_reason_for_what_was_reviewed(void **state)
{
    (void)state;
    char text[4000];
    struct refusal declared = {8, "    read = { ['sqs:ListQueues'] = { reviewed = 'lists' } },",
                               NULL};
    write_policy(text, &declared);
    const struct policy *policy = world_load(&world, "queue", text);
    assert_int_equal(opset_count(policy->reviewed), 0);
    assert_true(opset_has(policy->reads, "sqs", "ListQueues"));
}

static void accepts_members_that_are_not_redacted(void **state)
{
    (void)state;
    char text[4000];
    struct refusal declared = {
        8,
        "    read = { ['sqs:DescribeVault'] = { reviewed = 'x' } }, sensitive = { "
        "'sqs:DescribeVault.Pairs.More', ['sqs:DescribeVault.Password'] = 'its length is judged' "
        "},",
        NULL};
    write_policy(text, &declared);
    const struct policy *policy = world_load(&world, "queue", text);
    assert_int_equal(opset_count(policy->sensitive), 2);
    assert_true(opset_has(policy->sensitive, "sqs", "DescribeVault.Password"));
    assert_true(opset_has(policy->sensitive, "sqs", "DescribeVault.Pairs.More"));
    const json_t *reported =
        json_object_get(json_object_get(policy->meta, "permissions"), "sensitive");
    assert_string_equal(json_get_string(reported, "sqs:DescribeVault.Password", ""),
                        "its length is judged");
}

static void accepts_declared_reads_of_another_action(void **state)
{
    (void)state;
    assert_declares(
        "    read = { ['sqs:ScanVault'] = { 'sqs:DescribeVault', reviewed = 'tells of it' } },",
        "[{\"action\":\"sqs:ScanVault\",\"operations\":[\"sqs:DescribeVault\"],"
        "\"reviewed\":\"tells of it\"}]");
}

static void refuses_a_type_twice(void **state)
{
    char text[4000];
    (void)state;
    write_policy(text, NULL);
    world_load(&world, "queue", text);
    assert_non_null(strstr(world_refusal(&world, text), "is already used by policies/queue.lua"));
    char path[200];
    struct err err = {0};
    size_t count;
    snprintf(path, sizeof path, "%s/policies/queue.lua", world.folder);
    assert_int_equal(world.evaluator->load(world.evaluator->self, path, &err), 0);
    world.evaluator->all(world.evaluator->self, &count);
    assert_int_equal(count, 1);
}

#define SMALL(type)                                                                                \
    "return policy { type = '" type "', title = 'T', permissions = { read = {} },\n"               \
    "fetch = function() return { x = x } end, checks = { { id = '" type ".a', title = 'A',\n"      \
    "severity = 'low', audit = function(_, s) return s.x == 7 end } } }"

static void loads_a_folder(void **state)
{
    char path[200];
    struct err err = {0};
    size_t count;
    (void)state;
    world_write(&world, "policies/b.lua", "local x = require('lib.seven').value " SMALL("b"));
    world_write(&world, "policies/a.lua", "local x = 7 " SMALL("a"));
    world_write(&world, "policies/.hidden.lua", "syntax error");
    world_write(&world, "policies/readme.md", "syntax error");
    world_write(&world, "policies/lib/seven.lua", "return { value = 7 }");
    snprintf(path, sizeof path, "%s/policies", world.folder);
    if (world.evaluator->load(world.evaluator->self, path, &err) != 0)
        fail_msg("%s", err.message);
    const struct policy *const *all = world.evaluator->all(world.evaluator->self, &count);
    assert_int_equal(count, 2);
    assert_string_equal(all[0]->type, "a");
    assert_string_equal(all[1]->type, "b");
    json_t *outcome = world_audit(&world, all[1], NULL);
    const json_t *check = json_array_get(json_object_get(outcome, "checks"), 0);
    assert_string_equal(json_get_string(check, "status", ""), "compliant");
    json_decref(outcome);
    strcat(path, "/nothing");
    assert_int_equal(world.evaluator->load(world.evaluator->self, path, &err), -1);
    assert_int_equal(err.kind, ERR_IO);
}

static void freezes_modules(void **state)
{
    (void)state;
    world_write(&world, "policies/lib/m.lua", "return { value = 7, set = function() m = 1 end }");
    assert_non_null(strstr(world_refusal(&world, "local m = require 'lib.m' m.value = 8"),
                           ":1: \"value\" cannot be set"));
    assert_non_null(strstr(world_refusal(&world, "require('lib.m').set()"),
                           "policies/lib/m.lua:1: global \"m\" cannot be set"));
    world_write(&world, "policies/lib/self.lua", "return require 'lib.self'");
    assert_non_null(strstr(world_refusal(&world, "require 'lib.self'"), "requires itself"));
    world_write(&world, "policies/lib/empty.lua", "local x = 1");
    assert_non_null(strstr(world_refusal(&world, "require 'lib.empty'"), "returns nothing"));
    world_write(&world, "policies/lib/bad.lua", "\n\nlocal = 1");
    assert_non_null(strstr(world_refusal(&world, "require 'lib.bad'"), "policies/lib/bad.lua:3: "));
    world_write(&world, "policies/lib/bytes.lua", "\033Lua");
    assert_non_null(strstr(world_refusal(&world, "require 'lib.bytes'"), "binary chunk"));
    assert_non_null(strstr(world_refusal(&world, "\033Lua"), "binary chunk"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(refuses_with_file_line_and_field, set_up, tear_down),
        cmocka_unit_test_setup_teardown(describes_a_good_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(accepts_declared_reads, set_up, tear_down),
        cmocka_unit_test_setup_teardown(accepts_members_that_are_not_redacted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(needs_no_reason_for_what_was_reviewed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(accepts_declared_reads_of_another_action, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(refuses_a_type_twice, set_up, tear_down),
        cmocka_unit_test_setup_teardown(loads_a_folder, set_up, tear_down),
        cmocka_unit_test_setup_teardown(freezes_modules, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
