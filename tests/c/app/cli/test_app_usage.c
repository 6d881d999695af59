/* The command line without the network: help, what is refused before anything is opened, and the
 * commands that only read policies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/cli/app.h"
#include "base/mem.h"
#include "support/app_case.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

struct row {
    int status;
    const char *part;
    const char *words;
};

static void expect_all(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        app_expect(rows[i].status, rows[i].part, rows[i].words);
}

static void prints_help(void **state)
{
    static const struct row rows[] = {
        {EXIT_USAGE, "engine finds AWS security misconfigurations", ""},
        {0, "  engine repl ", "--help"},
        {0, "  engine models SRC --out DIR ", "help"},
        {0, "  engine run FILE.lua [ARG...] ", "-h"},
        {0, "engine 0.", "--version"},
        {0, "engine 0.", "-V"},
        {0, "usage: engine scan [OPTIONS]", "help scan"},
        {0, "usage: engine poll [OPTIONS]", "--help poll"},
        {0, "usage: engine models SRC --out DIR", "help models"},
        {0, "usage: engine run [OPTIONS] FILE.lua", "help repl"},
        {0, "usage: engine --policy P --resource ID [OPTIONS]", "help --policy"},
        {0, "engine finds AWS security misconfigurations", "help help"},
        {0, "--only-use-test-resources", "scan --help"},
        {0, "usage: engine poll [OPTIONS]", "poll --help"},
        {0, "usage: engine translate [OPTIONS]", "translate --help"},
        {0, "usage: engine remediate [OPTIONS]", "remediate --help"},
        {0, "usage: engine plan [OPTIONS]", "plan --help"},
        {0, "usage: engine apply PLAN [OPTIONS]", "apply --help"},
        {0, "usage: engine undo JOURNAL [OPTIONS]", "undo --help"},
        {0, "usage: engine doctor [OPTIONS]", "doctor --help"},
        {0, "usage: engine check [POLICY...] [OPTIONS]", "check --help"},
        {0, "usage: engine explain NAME [OPTIONS]", "explain --help"},
        {0, "--partition P", "generate --help"},
        {0, "usage: engine --policy P --resource ID [OPTIONS]", "--policy x --help"},
        {0, "usage: engine run [OPTIONS] FILE.lua", "run --help"},
        {0, "--replay DIR", "run --help"},
        {0, "--name NAME", "models --help"},
        {0, "usage: engine models SRC --out DIR", "models -h"},
    };
    (void)state;
    expect_all(rows, COUNT(rows));
}

static void shows_operations(void **state)
{
    static const struct row rows[] = {
        {0, "\nchange            SetQueueAttributes\n", "models --show sqs"},
        {0, "\nsqs                                  SQS\n", "models --services"},
        {EXIT_USAGE, "not of the form SERVICE or SERVICE:OPERATION", "models --show DescribeTable"},
        {EXIT_USAGE, "not of the form SERVICE or SERVICE:OPERATION",
         "models --show sqs.ListQueues"},
        {EXIT_USAGE, "has no operation \"Xyz\" (engine models --show sqs lists them)",
         "models --show sqs:Xyz"},
        {0, "\nnot for policies  ReceiveMessage\n", "models --show=sqs"},
        {0, "WebAPI/sqs-2012-11-05/ListQueues\n", "models --show sqs:ListQueues"},
        {0, "pages(\"ListQueues\", { … }) do … end; items in QueueUrls\n",
         "models --show sqs:ListQueues"},
        {0, "\n  QueueUrl: string, required\n", "models --show sqs:GetQueueAttributes"},
        {0, "\n  Attributes: map of string to string\n    keys: All, Policy, ",
         "models --show sqs:GetQueueAttributes"},
        {0, "\nerrors: InvalidAttributeName, ", "models --show sqs:GetQueueAttributes"},
        {0, "\noutput: no members\n", "models --show sqs:DeleteQueue"},
        {0, "\n    TableStatus: string\n      values: CREATING, ",
         "models --show dynamodb:DescribeTable"},
        {0, "KeySchema: list of structure KeySchemaElement (described above)\n",
         "models --show dynamodb:DescribeTable"},
        {0, "SecretString: string, secret\n", "models --show secretsmanager:GetSecretValue"},
    };
    (void)state;
    expect_all(rows, COUNT(rows));
}

/* Whoever has a wrong setting needs the help most. */
static void prints_help_whatever_is_set(void **state)
{
    (void)state;
    app_setenv("REMEDIATE", "maybe");
    app_setenv("ENGINE_CONFIG", "/nowhere");
    app_expect(0, "usage: engine scan [OPTIONS]", "scan --accounts x --help");
    app_expect(0, "usage: engine explain NAME [OPTIONS]", "explain -h");
    app_expect(0, "usage: engine run [OPTIONS] FILE.lua", "run --help");
    app_expect(EXIT_USAGE, "", "explain -- --help");
    app_expect(EXIT_USAGE, "ENGINE_CONFIG", "scan");
}

static void refuses_unknown_words(void **state)
{
    static const struct row rows[] = {
        {EXIT_USAGE, "did you mean \"scan\"?", "scam"},
        {EXIT_USAGE, "did you mean \"models\"?", "mdels"},
        {EXIT_USAGE, "did you mean \"repl\"?", "rpl"},
        {EXIT_USAGE, "did you mean \"scan\"?", "help scam"},
        {EXIT_USAGE, "did you mean \"--version\"?", "version"},
        {EXIT_USAGE, "did you mean --regions? (see engine scan --help)",
         "scan --regoins us-east-1"},
        {EXIT_USAGE, "did you mean --policy? (see engine --help, or engine help --policy)",
         "--polcy x"},
        {EXIT_USAGE, "(see engine repl --help)", "repl --regoin x"},
        {EXIT_USAGE, "--regions", "scan --regions"},
        {EXIT_USAGE, "nowhere", "scan --regions nowhere"},
        {EXIT_USAGE, "did you mean \"csv\"?", "scan --format cvs"},
        {EXIT_USAGE, "did you mean \"debug\"?", "scan --log-level debgu"},
        {EXIT_USAGE, "did you mean \"high\"?", "scan --severity hihg"},
        {EXIT_USAGE, "did you mean \"queue\"?", "--policy queu --resource q"},
        {EXIT_USAGE, "--concurrency", "scan --concurrency many"},
        {EXIT_USAGE, "--x", "models --x"},
        {EXIT_USAGE, "did you mean \"--out\"?", "models --uot a"},
        {EXIT_USAGE, "--out", "models a --out"},
        {EXIT_USAGE, "--out DIR", "models --name sqs a"},
        {EXIT_USAGE, "b", "models a b --out=c"},
        {EXIT_USAGE, "did you mean \"sqs\"?", "models --show sqss"},
        {EXIT_USAGE, "did you mean \"GetQueueUrl\"?", "models --show sqs:GetQueueUri"},
        {EXIT_USAGE, "unexpected argument \"sqs\"", "models --show sqs sqs"},
        {EXIT_USAGE, "its value is missing", "models --show"},
        {EXIT_USAGE, "FILE.lua", "run --quiet"},
        {EXIT_USAGE, "--nothing", "run --nothing x y.lua"},
        {EXIT_USAGE, "did you mean \"queue\"?", "scan --types queues"},
        {EXIT_USAGE, "queue.opened", "scan --checks queue.opened"},
    };
    (void)state;
    expect_all(rows, COUNT(rows));
}

static void refuses_words_and_options_that_do_not_fit(void **state)
{
    static const struct row rows[] = {
        {EXIT_USAGE, "\"now\" (see engine scan --help)", "scan now"},
        {EXIT_USAGE, "\"eu-west-1\": write --regions us-east-1,eu-west-1 (see",
         "scan --regions us-east-1 eu-west-1"},
        {EXIT_USAGE, "\"sqs\": write --types queue,sqs (see", "poll --types=queue sqs --quiet"},
        {EXIT_USAGE, "\"b\" (see", "scan --output a b"},
        {EXIT_USAGE, "PLAN", "apply"},
        {EXIT_USAGE, "JOURNAL", "undo a b"},
        {EXIT_USAGE, "requires a check", "explain"},
        {EXIT_USAGE, "WHAT", "generate"},
        {EXIT_USAGE, "--policy", "plan --policy queue"},
        {EXIT_USAGE, "--policy", "plan --resource q"},
        {EXIT_USAGE, "--policy", "--policy queue"},
        {EXIT_USAGE, "jsonl or json", "plan --output p --format csv"},
        {EXIT_USAGE, "engine undo accepts only table and jsonl", "undo j --format csv"},
        {EXIT_USAGE, "--format", "generate events --format json"},
        {EXIT_USAGE, "--format", "generate checks --format csv"},
        {EXIT_USAGE, "--record", "scan --record a --replay b"},
    };
    (void)state;
    expect_all(rows, COUNT(rows));
    assert_string_equal(app_case.asked, "");
}

static void needs_models_and_policies(void **state)
{
    (void)state;
    app_setenv("ENGINE_MODELS", "/nowhere/models");
    app_expect(EXIT_USAGE, "/nowhere/models", "scan");
    app_setenv("ENGINE_MODELS", NULL);
    app_setenv("ENGINE_POLICIES", NULL);
    static const char *const without[] = {"check", "explain queue.public", "generate types",
                                          "translate"};
    for (size_t i = 0; i < COUNT(without); i++)
        app_expect(EXIT_USAGE, "--policies", without[i]);
}

static void checks_policies(void **state)
{
    (void)state;
    app_expect(0, "1 policy, 1 check", "check");
    app_expect(0, "ok  queue", "check queue");
    app_expect(EXIT_USAGE, "moon", "check queue moon");
    app_expect(EXIT_USAGE, "did you mean \"queue\"?", "check qeue");
    app_file("policies/bad.lua", "return policy {");
    app_expect(1, "bad.lua", "check bad.lua queue.lua");
    app_wrote("ok  queue");
    app_expect(1, "bad.lua", "check");
    app_file("policies/bad.lua", "return policy { type = 'bad', title = 'B',\n"
                                 "permissions = { read = { 'sqs:ListQueues' } },\n"
                                 "fetch = function() return {} end, checks = {} }");
    app_expect(1, "bad.lua", "check bad");
}

static void explains_checks(void **state)
{
    (void)state;
    app_expect(0, "Anyone can read it.", "explain queue.public");
    app_expect(0, "Removes its policy.", "explain queue");
    char *path = mem_printf("Policy:       %s/policies/queue.lua\n", app_case.folder);
    app_wrote(path);
    mem_free(path);
    app_expect(EXIT_USAGE, "did you mean \"queue.public\"", "explain queue.publik");
    app_expect(EXIT_USAGE,
               "\"moon\" (engine generate checks lists the checks with their controls; "
               "--policies names folders of your own)",
               "explain moon");
    app_expect(EXIT_USAGE, "(`engine check` lists them; --policies names folders of your own)",
               "scan --types moon");
}

/* Whoever has a finding of Security Hub knows only its control. */
static void explains_controls(void **state)
{
    (void)state;
    app_file("policies/log.lua",
             "local function check(id)\n"
             "  return { id = id, title = 'T', severity = 'low', risk = 'R.', advice = 'A.',\n"
             "    url = 'https://example.com/',\n"
             "    controls = { securityhub = { 'Log.1', 'Log.2 ~' }, cis = { '1.12 ~' } },\n"
             "    audit = function() return true end }\n"
             "end\n"
             "return policy { type = 'log', title = 'L',\n"
             "  permissions = { read = { 'sqs:ListQueues' } },\n"
             "  fetch = function() return {} end,\n"
             "  checks = { check 'log.kept', check 'log.read' } }");
    app_expect(EXIT_USAGE,
               "\"Log.1\" is a control, not a check; the checks for it: log.kept, "
               "log.read",
               "scan --checks Log.1");
    app_expect(0, "Log.1: AWS Security Hub (securityhub)\nChecks:       log.kept, log.read\n",
               "explain log.1");
    app_wrote("\nlog.read (low)\nFinds:        T\nRisk:         R.\nRepair:       none");
    app_expect(0, "Log.2 ~: AWS Security Hub", "explain securityhub Log.2");
    app_expect(0, "1.12 ~: CIS 3.0 (cis)", "explain cis 1.12");
    app_expect(0, "1.12 ~: CIS 3.0 (cis)", "explain CIS 3.0 1.12");
    app_expect(EXIT_USAGE, "did you mean \"securityhub Log.1\"?", "explain securityhub Lgo.1");
    app_expect(0, "Covered:      2 of 2 controls; with ~ (1): ", "explain securityhub");
    app_wrote("\nLog.1         log.kept: T\n              log.read: T\nLog.2 ~ ");
    app_expect(0, "\"title\": \"AWS Security Hub\"", "explain securityhub --format json");
    app_expect(0, "\"risk\": \"R.\"", "explain Log.1 --format json");
    app_expect(0, "\"operations\": [", "explain log --format json");
    app_expect(EXIT_USAGE, "accepts only table and json", "explain log --format html");
    app_expect(EXIT_USAGE, "requires a check, type, control or framework", "explain");
}

/* Whichever command reads it. */
static void refuses_missing_files(void **state)
{
    static const struct row rows[] = {
        {EXIT_USAGE, "the plan none cannot be read: No such file", "apply none"},
        {EXIT_USAGE, "the plan . cannot be read: Is a directory", "apply ."},
        {EXIT_USAGE, "the journal none cannot be opened: No such file", "undo none"},
        {EXIT_USAGE, "none: No such file", "show none"},
        {EXIT_USAGE, "none: No such file", "test none"},
        {EXIT_USAGE, "cannot open none.lua", "run none.lua"},
        {EXIT_USAGE, "--exceptions: none: No such file", "scan --exceptions none"},
        {EXIT_USAGE, "--baseline: none: No such file", "scan --baseline none"},
        {EXIT_USAGE, "--config: none: No such file", "scan --config none"},
        {EXIT_USAGE, "--replay: none: No such file", "scan --replay none"},
        {EXIT_USAGE, "none: No such file", "models none --out made"},
        {EXIT_USAGE, "the plan text: line 1: this is not JSON", "apply text"},
        {EXIT_USAGE, "text is not a journal", "undo text"},
        {EXIT_USAGE, "text line 1: this is not a report", "show text"},
    };
    (void)state;
    app_file("text", "x\n");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        app_expect(rows[i].status, rows[i].part, rows[i].words);
}

static void generates(void **state)
{
    static const struct row rows[] = {
        {0, "\"CreateQueue\"", "generate events"},
        {0, "sqs:SetQueueAttributes", "generate permissions"},
        {0, "sqs:GetQueueAttributes", "generate permissions --access read --types queue"},
        {0, "arn:aws-cn:", "generate permissions --access=write --partition aws-cn"},
        {EXIT_USAGE, "read, write, both", "generate permissions --access all"},
        {EXIT_USAGE, "--partition", "generate permissions --partition moon"},
        {EXIT_USAGE, "did you mean \"aws-cn\"?", "generate permissions --partition aws-cnn"},
        {EXIT_USAGE, "did you mean \"read\"?", "generate permissions --access raed"},
        {0, "queue.public", "generate checks"},
        {0, "\"queue.public\"", "generate checks --format json"},
        {0, "---@", "generate types"},
        {0, "_engine_words 'queue", "generate completions bash"},
        {0, "'--format=[table, summary", "generate completions zsh"},
        {0, "complete -c engine", "generate completions fish"},
        {0, ".SS \"engine apply PLAN\"", "generate man"},
        {EXIT_USAGE, "bash, zsh or fish", "generate completions"},
        {EXIT_USAGE, "did you mean \"zsh\"", "generate completions zhs"},
        {EXIT_USAGE, "did you mean \"events\"", "generate evens"},
        {EXIT_USAGE, "--types", "generate events --types moon"},
    };
    (void)state;
    expect_all(rows, COUNT(rows));
}

#define EVENT(id)                                                                                  \
    "{\"source\":\"aws.sqs\",\"account\":\"" APP_ACCOUNT "\",\"region\":\"us-east-1\","            \
    "\"detail-type\":\"AWS API Call via CloudTrail\",\"detail\":{\"eventSource\":"                 \
    "\"sqs.amazonaws.com\",\"eventName\":\"CreateQueue\",\"awsRegion\":\"us-east-1\","             \
    "\"recipientAccountId\":\"" APP_ACCOUNT "\"" id "}}\n"

static void translates_events(void **state)
{
    (void)state;
    assert_int_equal(
        app_run(EVENT(",\"responseElements\":{\"queueUrl\":\"" APP_QUEUE "\"}"), "translate"), 0);
    assert_string_equal(app_case.out, APP_LINE);
    assert_int_equal(app_run(EVENT(",\"errorCode\":\"AccessDenied\""), "translate"), 0);
    assert_string_equal(app_case.out, "");
    assert_int_equal(app_run(EVENT(""), "translate"), 0);
    app_wrote("line 1: ");
    assert_int_equal(app_run(EVENT(",\"responseElements\":{\"omitted\":true}"), "translate"), 0);
    app_wrote("\"resource_type\":\"queue\"");
    assert_int_equal(app_run("{\n" EVENT(",\"responseElements\":7"), "translate"), 1);
    app_wrote("line 1: ");
    assert_int_equal(app_run("", "translate --types moon"), EXIT_USAGE);
    assert_string_equal(app_case.asked, "");
}

/* The folder of the fixture contains one service. */
static void compiles_models(void **state)
{
    (void)state;
    app_expect(EXIT_USAGE, "engine models: ", "models /nowhere --out models");
    app_file("service.json", "{");
    app_expect(1, "engine models: ", "models service.json --out models --name x");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, app_case_set_up, app_case_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(prints_help),
        CASE(prints_help_whatever_is_set),
        CASE(shows_operations),
        CASE(refuses_unknown_words),
        CASE(refuses_words_and_options_that_do_not_fit),
        CASE(needs_models_and_policies),
        CASE(checks_policies),
        CASE(explains_checks),
        CASE(explains_controls),
        CASE(refuses_missing_files),
        CASE(generates),
        CASE(translates_events),
        CASE(compiles_models),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
