/* engine test: what passes, how each kind of failure is reported, and which files are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "app/cli/app.h"
#include "base/mem.h"
#include "support/app_case.h"
#include "support/models.h"

#define OPEN "['sqs:GetQueueAttributes'] = { Attributes = { Policy = 'open' } }"
#define CLOSED "['sqs:GetQueueAttributes'] = { Attributes = {} }"
#define SET(text)                                                                                  \
    "call = 'sqs:SetQueueAttributes', with = { QueueUrl = 'q', Attributes = { Policy = '" text     \
    "' } }"
#define CHANGE "changes = { { " SET("") ", replies = { " CLOSED " }, undo = { " SET("open") " } } }"
#define BAD "expect = { ['queue.public'] = 'non_compliant' }"
#define CASE_OF(rest) "return { policy = 'queue', cases = { { name = 'n', id = 'q', " rest " } } }"
#define REST                                                                                       \
    "return { policy = 'queue', cases = { { name = 'n', id = 'q', expect = 'compliant', "          \
    "replies = { " CLOSED " } } }, "

static void expect(int status, const char *part, const char *text)
{
    app_file("queue_test.lua", text);
    app_expect(status, part, "test queue_test.lua");
}

static void repairs_and_undoes(void **state)
{
    (void)state;
    expect(0, "ok      n (1 read refused, repaired, undone)",
           CASE_OF("replies = { " OPEN " }, " BAD ", " CHANGE));
    app_wrote("-              1        1       1\n");
    app_wrote("declared, and called by no test: sqs:ListQueues");
    app_wrote("1 file: 1 passed, 0 failed");
}

#define ONCE(rest)                                                                                 \
    "return { policy = 'once', cases = { { name = 'n', id = 'q', replies = { " OPEN " }, "         \
    "expect = { ['once.public'] = 'non_compliant' }, changes = { { " SET(                          \
        "") ", replies = { " CLOSED " }, " rest " } } } } }"

/* A policy whose fix cannot be undone, and says that `after` holds then. */
static void write_once(const char *after)
{
    char *text = mem_printf(
        "local function wanted(id, text)\n"
        "  return { QueueUrl = id, Attributes = { Policy = text } }\n"
        "end\n"
        "return policy { type = 'once', title = 'Once',\n"
        "  permissions = { read = { 'sqs:GetQueueAttributes' },\n"
        "    write = { 'sqs:SetQueueAttributes' } },\n"
        "  fetch = function(queue)\n"
        "    local reply = queue.aws.sqs:GetQueueAttributes { QueueUrl = queue.id }\n"
        "    return { text = (reply.Attributes or {}).Policy or '' }\n"
        "  end,\n"
        "  checks = { { id = 'once.public', title = 'Open', severity = 'high',\n"
        "    audit = function(_, state)\n"
        "      if state.text == '' then return true end\n"
        "      return false, 'it is open'\n"
        "    end,\n"
        "    fix = function(queue)\n"
        "      local step = { call = 'sqs:SetQueueAttributes', with = wanted(queue.id, '') }\n"
        "      step.irreversible = 'it cannot be opened again'\n"
        "      return { step }, %s\n"
        "    end } } }\n",
        after);
    app_file("once.lua", text);
    mem_free(text);
}

/* A case cannot call a step irreversible that has an inverse, nor the other way round. */
static void compares_inverses_of_irreversible_changes(void **state)
{
    (void)state;
    write_once("{ text = '' }");
    expect(0, "n (1 read refused, repaired)", ONCE("irreversible = true"));
    expect(1, "undo: once.public: the change became held (cannot be undone: it cannot be opened",
           ONCE("undo = { " SET("open") " }"));
    expect(1,
           "repair: changes[1].undo: expected nothing, found { call = \"sqs:SetQueueAttributes\"",
           CASE_OF("replies = { " OPEN " }, " BAD ", repaired = {}, changes = { { " SET(
               "") ", irreversible = true, replies = { " CLOSED " } } }"));
}

/* The check passes, but undo would not recognize the state after a crash. */
static void reports_broken_promises(void **state)
{
    (void)state;
    write_once("{ text = 'closed' }");
    expect(1,
           "repair: once.public: the state after the changes differs from the `after` of the fix "
           "in: text",
           ONCE("irreversible = true"));
    write_once("{ text = '', more = 1 }"); /* undo would look for it */
    expect(1, "differs from the `after` of the fix in: more", ONCE("irreversible = true"));
    write_once("{ text = require('lib.none') }");
    expect(1, "differs from the `after` of the fix in: text", ONCE("irreversible = true"));
    write_once("nil");
    expect(0, "n (1 read refused, repaired)", ONCE("irreversible = true"));
}

static void takes_every_form_of_reply(void **state)
{
    (void)state;
    expect(0, "1 passed",
           CASE_OF("expect = 'gone', replies = { ['sqs:GetQueueAttributes'] = "
                   "{ fault = 'QueueDoesNotExist' } }"));
    expect(0, "1 passed",
           CASE_OF("expect = 'compliant', replies = { ['sqs:GetQueueAttributes'] = "
                   "{ { with = { QueueUrl = 'other' }, reply = {} }, "
                   "{ with = { QueueUrl = 'q' }, reply = { Attributes = {} } } } }"));
    expect(1, "audit: there is no reply for the call sqs:GetQueueAttributes { AttributeNames",
           CASE_OF("expect = 'compliant', replies = { ['sqs:GetQueueAttributes'] = "
                   "{ { with = { QueueUrl = 'other' }, reply = {} } } }"));
    expect(0, "ok      l (listed 3)",
           REST "listings = { { name = 'l', ids = { 'a', 'b', 'c' }, replies = { ['sqs:ListQueues']"
                " = { pages = { { QueueUrls = { 'a' } }, { QueueUrls = { 'b', 'c' } } } } } } } }");
    expect(1, "listing: ",
           REST "listings = { { name = 'l', ids = {}, replies = { ['sqs:ListQueues'] = { pages = "
                "{ { QueueUrls = { 'a' } }, { fault = 'AccessDenied' } } } } } } }");
    expect(0, "ok      sqs:CreateQueue (event)",
           REST "events = { { event = 'sqs:CreateQueue', ids = { 'q' }, "
                "detail = { responseElements = { queueUrl = 'q' } } } } }");
    expect(1,
           "event: ", REST "events = { { event = 'sqs:CreateQueue', ids = {}, detail = {} } } }");
}

static void reports_what_differs(void **state)
{
    (void)state;
    expect(1, "queue.public: expected compliant, found non_compliant (the queue is open)",
           CASE_OF("replies = { " OPEN " }, expect = {}"));
    expect(1, "expected a summary with \"shut\", found \"the queue is open\"",
           CASE_OF("replies = { " OPEN " }, expect = { ['queue.public'] = "
                   "{ status = 'non_compliant', summary = 'shut' } }"));
    expect(1, "repair: changes[1]: expected nothing, found { call = \"sqs:SetQueueAttributes\", ",
           CASE_OF("replies = { " OPEN " }, " BAD ", repaired = {}"));
    expect(1, "repair: changes[1]: expected nothing, found { call = \"sqs:SetQueueAttributes\", ",
           CASE_OF("replies = { " OPEN " }, " BAD ", changes = {}"));
    expect(1, "repair: changes[1].with.Attributes.Policy: expected \"x\", found \"\"",
           CASE_OF("replies = { " OPEN " }, " BAD
                   ", changes = { { " SET("x") ", irreversible = true } }"));
    expect(1,
           "repair: queue.public: expected fixed, found planned: with the replies of changes[1] "
           "the check still does not pass (the queue is open)",
           CASE_OF("replies = { " OPEN " }, " BAD
                   ", changes = { { " SET("") ", irreversible = true } }"));
    expect(1, "repair: changes[2] was not made",
           CASE_OF("replies = { " OPEN " }, " BAD ", changes = { { " SET(
               "") ", replies = { " CLOSED
                   " }, irreversible = true }, { " SET("x") ", irreversible = true } }"));
    expect(1, "undo: changes[1].undo.with.Attributes.Policy: expected \"shut\", found \"open\"",
           CASE_OF("replies = { " OPEN " }, " BAD ", changes = { { " SET(
               "") ", replies = { " CLOSED " }, undo = { " SET("shut") " } } }"));
    expect(1, "ids[1]: expected \"b\", found \"a\"",
           REST "listings = { { name = 'l', ids = { 'b' }, replies = { ['sqs:ListQueues'] = "
                "{ QueueUrls = { 'a' } } } } } }");
}

#define LABELED(rest)                                                                              \
    "return { cases = { { name = 'n', id = 'q', expect = 'compliant', replies = { " CLOSED         \
    ", ['sqs:ListQueueTags'] = { Tags = { team = 'shop' } } }, " rest " } } }"

static void label(const char *result)
{
    char *text =
        mem_printf("return policy { type = 'label', title = 'L', permissions = { read = "
                   "{ 'sqs:GetQueueAttributes', 'sqs:ListQueueTags' } },\n"
                   "fetch = function(queue)\n"
                   "queue.aws.sqs:GetQueueAttributes { QueueUrl = queue.id } return {} end,\n"
                   "tags = function(queue) local wanted = { QueueUrl = queue.id }\n"
                   "local tags = queue.aws.sqs:ListQueueTags(wanted).Tags return %s end,\n"
                   "checks = { { id = 'label.a', title = 'A', severity = 'low',\n"
                   "audit = function() return true end } } }",
                   result);
    app_file("policies/label.lua", text);
    mem_free(text);
}

/* No check of the policy reads the tags, so only this shows that they can be read. */
static void compares_tags(void **state)
{
    (void)state;
    label("tags");
    app_file("label_test.lua", LABELED("tags = { team = 'shop' }"));
    app_expect(0, "ok      n (1 read refused)", "test label_test.lua");
    assert_null(strstr(app_case.out, "called by no test"));
    app_file("label_test.lua", LABELED("tags = { team = 'x' }"));
    app_expect(1, "tags.team: expected \"x\", found \"shop\"", "test label_test.lua");
    app_file("label_test.lua", LABELED(""));
    app_expect(0, "declared, and called by no test: sqs:ListQueueTags", "test label_test.lua");
    app_file("label_test.lua", LABELED("tags = { team = 'shop' }"));
    label("{ 'team' }");
    app_expect(1, "tags must return a map of strings to strings", "test label_test.lua");
    label("nil");
    app_expect(1, "tags: expected { team = \"shop\" }, found nothing", "test label_test.lua");
}

/* A policy that takes a refused read for an answer cannot pass: the engine sees the refusal. */
static void refuses_each_read(void **state)
{
    (void)state;
    expect(0, "(1 read refused)", CASE_OF("replies = { " CLOSED " }, expect = 'compliant'"));
    app_wrote("1              -        1       -\n");
}

#define RECORDED(rest)                                                                             \
    "return { policy = 'queue', cases = { { name = 'n', id = '" APP_QUEUE "', recorded = 'tape', " \
    "account = '" APP_ACCOUNT "', " rest " } } }"

static void takes_recordings(void **state)
{
    (void)state;
    app_expect(2, "queue.public",
               "--policy queue --resource " APP_QUEUE " --account " APP_ACCOUNT
               " --region us-east-1 --no-assume-role --record tape");
    expect(0, "ok      n (1 read refused)", RECORDED(BAD));
    expect(1, "expected compliant, found non_compliant", RECORDED("expect = 'compliant'"));
    expect(1, "give either replies or recorded", RECORDED(BAD ", replies = {}"));
    expect(1, "a recording has no changes", RECORDED(BAD ", repaired = {}"));
    expect(1, "the case cannot begin: recorded: ./nowhere: No such file",
           "return { policy = 'queue', cases = { { name = 'n', id = 'q', recorded = 'nowhere', " BAD
           " } } }");
}

static void refuses_wrong_files(void **state)
{
    static const char *const rows[][2] = {
        {"no global \"retrun\"", "retrun {}"},
        {"must end in: return { … }", "return 7"},
        {"unknown field \"case\", did you mean \"cases\"?", "return { case = {} }"},
        {"cases is missing", "return { policy = 'queue' }"},
        {"cases: there is none", "return { policy = 'queue', cases = {} }"},
        {"there is no policy \"qeue\"", "return { policy = 'qeue', cases = {} }"},
        {"cases[1]: unknown field \"exepct\", did you mean \"expect\"?", CASE_OF("exepct = 1")},
        {"cases[1].expect: must be a status, or a map of checks to statuses",
         CASE_OF("expect = true, replies = {}")},
        {"cases[1]: name must be a string",
         "return { policy = 'queue', cases = { { name = 7 } } }"},
        {"Atributes: unknown member, did you mean \"Attributes\"?",
         CASE_OF("expect = 'gone', replies = { ['sqs:GetQueueAttributes'] = { Atributes = {} } }")},
        {"Attributes.Polcy: none of the values that the API model lists, did you mean \"Policy\"?",
         CASE_OF("expect = 'gone', replies = { ['sqs:GetQueueAttributes'] = "
                 "{ Attributes = { Polcy = 'x' } } }")},
        {"Attributes.Policy: expected a string, got an integer",
         CASE_OF("expect = 'gone', replies = { ['sqs:GetQueueAttributes'] = "
                 "{ Attributes = { Policy = 7 } } }")},
        {"has no operation \"GetQueueAtributes\", did you mean \"GetQueueAttributes\"?",
         CASE_OF("expect = 'gone', replies = { ['sqs:GetQueueAtributes'] = {} }")},
        {"does not declare this operation under permissions.read",
         CASE_OF("expect = 'gone', replies = { ['sqs:ListQueueTags'] = {} }")},
        {"\"sqs\" is not of the form service:Operation",
         CASE_OF("expect = 'gone', replies = { sqs = {} }")},
        {"no pages for this operation",
         CASE_OF("expect = 'gone', replies = { ['sqs:GetQueueAttributes'] = { pages = { {} } } }")},
        {"unknown field \"code\"",
         CASE_OF("expect = 'gone', replies = { "
                 "['sqs:GetQueueAttributes'] = { fault = 'x', code = 1 } }")},
        {"\"compliance\" is not one of", CASE_OF("replies = {}, expect = 'compliance'")},
        {"has no check \"queue.pubic\", did you mean \"queue.public\"?",
         CASE_OF("replies = {}, expect = { ['queue.pubic'] = 'compliant' }")},
        {"\"bad\" is not one of", CASE_OF("replies = {}, expect = { ['queue.public'] = 'bad' }")},
        {"\"done\" is not one of",
         CASE_OF("replies = {}, expect = {}, repaired = { ['queue.public'] = 'done' }")},
        {"give the inverse call, undo",
         CASE_OF("replies = {}, expect = {}, changes = { { " SET("") " } }")},
        {"changes must be a list", CASE_OF("replies = {}, expect = {}, changes = { a = 1 }")},
        {"policies see no variable \"KNOWN\"",
         CASE_OF("replies = {}, expect = {}, settings = { KNOWN = 'x' }")},
        {"the case cannot begin: KNOWN_ACCOUNTS", CASE_OF("replies = {}, expect = {}, "
                                                          "settings = { KNOWN_ACCOUNTS = 'x' }")},
        {"KNOWN_ACCOUNTS must be a string",
         CASE_OF("replies = {}, expect = {}, settings = { KNOWN_ACCOUNTS = {} }")},
        {"does not watch the event \"sqs:CreatQueue\", did you mean \"sqs:CreateQueue\"?",
         REST "events = { { event = 'sqs:CreatQueue', detail = {}, ids = {} } } }"},
        {"does not watch the event \"sqs:TagQueue\"",
         REST "events = { { event = 'sqs:TagQueue', detail = {}, ids = {} } } }"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect(1, rows[i][0], rows[i][1]);
}

static void folder(const char *name)
{
    char *path = scratch_path(app_case.folder, name);
    assert_int_equal(mkdir(path, 0700), 0);
    mem_free(path);
}

/* The paths are those that a person would type. */
static void names_files_as_given(void **state)
{
    (void)state;
    folder("mine");
    folder("mine/tests");
    app_file("mine/tests/vault_test.lua", "return {\n  cases = {\n}");
    app_expect(1, "\n          mine/tests/vault_test.lua:3: ", "test mine/tests/vault_test.lua");
    app_file("mine/tests/vault_test.lua", "return { cases = {} }");
    app_file("mine/vault.lua", "return 7");
    app_expect(1, "\n          mine/vault.lua:1: the file must return policy", "test mine/tests");
}

static void finds_files(void **state)
{
    (void)state;
    app_expect(EXIT_USAGE, "there is no directory tests", "test");
    app_expect(EXIT_USAGE, "No such file", "test nowhere");
    app_expect(EXIT_USAGE, "contains no tests (*_test.lua)", "test policies");
    app_expect(EXIT_USAGE, "accepts only junit", "test --format csv");
    app_expect(
        1, "this is not a test: those of a policy are in queue_test.lua, beside it or in tests/",
        "test policies/queue.lua");
    folder("policies/tests");
    app_expect(EXIT_USAGE, "contains no tests (*_test.lua), did you mean policies/tests?",
               "test policies");
    app_file("policies/queue_test.lua", CASE_OF("expect = 'compliant', replies = { " CLOSED " }"));
    app_expect(0, "1 file: 1 passed, 0 failed", "test policies");
    app_expect(0, "policies/queue_test.lua\n", "test policies/queue.lua");
    app_expect(0, "1 file: 1 passed", "test policies/queue.lua policies/queue_test.lua");
}

static void writes_junit(void **state)
{
    (void)state;
    app_file("queue_test.lua", CASE_OF("replies = { " OPEN " }, expect = {}"));
    app_expect(1, "tests=\"1\" failures=\"1\" errors=\"0\">", "test --format junit queue_test.lua");
    app_wrote("<failure message=\"queue.public: expected compliant, found non_compliant");
    app_file("queue_test.lua", CASE_OF("replies = { " CLOSED " }, expect = {}"));
    app_expect(0, "name=\"n\"/>", "test --format junit queue_test.lua");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, app_case_set_up, app_case_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(repairs_and_undoes),   CASE(compares_inverses_of_irreversible_changes),
        CASE(reports_what_differs), CASE(takes_every_form_of_reply),
        CASE(refuses_wrong_files),  CASE(refuses_each_read),
        CASE(finds_files),          CASE(takes_recordings),
        CASE(writes_junit),         CASE(names_files_as_given),
        CASE(compares_tags),        CASE(reports_broken_promises),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
