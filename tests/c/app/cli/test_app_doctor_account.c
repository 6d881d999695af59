/* engine doctor in an account that the test plays: role, regions, permissions and listings. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/doctor_case.h"

#define ROLE "arn:aws:iam::" APP_ACCOUNT ":role/reader"

static void tells_a_refused_role(void **state)
{
    static const struct app_answer refused[] = {{"Action=AssumeRole", 403, DENIED_XML}, {0}};
    (void)state;
    app_case.answers = refused;
    app_setenv("MEMBER_ROLE", "reader");
    app_expect(1, "", "doctor");
    doctor_item("role", "failed", "its trust policy names this caller");
    app_wrote("MEMBER_ROLE is reader, EXTERNAL_ID is not set");
    doctor_item("reads", "not_checked", "without credentials of this account");
    assert_int_equal(app_calls("ListQueues"), 0);
    app_setenv("MEMBER_ROLE", "none");
    app_expect(1, "", "doctor --accounts 222233334444");
    doctor_item("role", "failed", "is not the caller's own");
}

static void asks_with_the_role(void **state)
{
    (void)state;
    app_setenv("MEMBER_ROLE", "reader");
    app_expect(0, "", "doctor");
    doctor_item("role", "ok", ROLE " can be assumed");
    doctor_item("reads", "ok", "allows all 2");
}

/* For people, accounts with the same results are one, and those that need attention come last. */
static void tells_equal_accounts_together(void **state)
{
    static const struct app_answer refused[] = {{"222233334444%3Arole", 403, DENIED_XML},
                                                {"555566667777%3Arole", 403, DENIED_XML},
                                                ASSUMED,
                                                REGIONS(REGION("us-east-1")),
                                                SIMULATION(BOTH("allowed", "")),
                                                {0}};
    const char *accounts = APP_ACCOUNT ",222233334444,333344445555,444455556666,555566667777,"
                                       "666677778888";
    (void)state;
    app_case.answers = refused;
    app_setenv("MEMBER_ROLE", "reader");
    app_setenv("ACCOUNTS", accounts);
    app_expect(1, "\n4 accounts: " APP_ACCOUNT ", 333344445555, 444455556666, \xe2\x80\xa6\nok ",
               "doctor --format table");
    app_wrote("arn:aws:iam::\xe2\x80\xa6:role/reader can be assumed");
    const char *bad = strstr(app_case.out, "\n2 accounts: 222233334444, 555566667777\nfailed ");
    assert_non_null(bad);
    assert_null(strstr(strstr(bad, "failed"), "accounts: "));
    app_wrote(" ok, 2 failed");
    assert_non_null(strstr(bad, " ok, 2 failed"));
    app_expect(1, "", "doctor");
    doctor_item("role", "failed", "\"account\":\"222233334444\"");
    doctor_item("role", "ok", "arn:aws:iam::333344445555:role/reader can be assumed");
}

static void tells_missing_permissions(void **state)
{
    static const struct app_answer none[] = {
        REGIONS(REGION("us-east-1")), SIMULATION(BOTH("implicitDeny", "")), {0}};
    static const struct app_answer denied[] = {
        REGIONS(REGION("us-east-1")), SIMULATION(BOTH("explicitDeny", "")), {0}};
    static const struct app_answer organization[] = {
        REGIONS(REGION("us-east-1")),
        SIMULATION(BOTH("implicitDeny", "<OrganizationsDecisionDetail><AllowedByOrganizations>false"
                                        "</AllowedByOrganizations></OrganizationsDecisionDetail>")),
        {0}};
    static const struct app_answer boundary[] = {
        REGIONS(REGION("us-east-1")),
        SIMULATION(BOTH("implicitDeny",
                        "<PermissionsBoundaryDecisionDetail><AllowedByPermissionsBoundary>false"
                        "</AllowedByPermissionsBoundary></PermissionsBoundaryDecisionDetail>")),
        {0}};
    static const struct {
        const struct app_answer *answers;
        const char *part;
    } rows[] = {
        {none, "no policy allows sqs:GetQueueAttributes (for queue)"},
        {denied, "a policy denies sqs:GetQueueAttributes"},
        {organization, "service control policies do not allow sqs:GetQueueAttributes"},
        {boundary, "the permissions boundary does not allow sqs:GetQueueAttributes"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        app_case.answers = rows[i].answers;
        app_expect(1, "\"actions\":[\"sqs:GetQueueAttributes\"],\"types\":[\"queue\"]", "doctor");
        doctor_item("reads", "missing", rows[i].part);
        app_wrote("allow this to arn:aws:iam::" APP_ACCOUNT ":user/u");
        doctor_item("listing", "ok", "1 type");
    }
}

static void asks_whether_it_may_import_findings(void **state)
{
    static const struct app_answer answers[] = {
        REGIONS(REGION("us-east-1")),
        {"securityhub%3ABatchImportFindings", 200,
         SIMULATED(DECISION("securityhub:BatchImportFindings", "implicitDeny", ""), "")},
        SIMULATION(BOTH("allowed", "")),
        {0}};
    (void)state;
    app_case.answers = answers;
    app_expect(0, "", "doctor");
    app_setenv("SECURITY_HUB", "true");
    app_expect(1, "", "doctor");
    doctor_item("reads", "missing",
                "no policy allows securityhub:BatchImportFindings (for SECURITY_HUB)");
}

/* Whether a condition holds is not guessed. */
static void leaves_open_what_hangs_on_a_condition(void **state)
{
    static const struct app_answer answers[] = {
        REGIONS(REGION("us-east-1")),
        SIMULATION(BOTH("allowed", "<MissingContextValues><member>aws:SourceVpc</member>"
                                   "</MissingContextValues>")),
        {0}};
    (void)state;
    app_case.answers = answers;
    app_expect(0, "", "doctor");
    doctor_item("reads", "not_checked", "the condition keys aws:SourceVpc");
    app_wrote("sqs:GetQueueAttributes (for queue)");
}

static void reads_every_page_of_a_simulation(void **state)
{
    static const struct app_answer answers[] = {
        REGIONS(REGION("us-east-1")),
        {"Marker=second", 200,
         SIMULATED(DECISION("sqs:GetQueueAttributes", "implicitDeny", ""), "")},
        {"Action=SimulatePrincipalPolicy", 200,
         SIMULATED(DECISION("sqs:ListQueues", "allowed", ""),
                   "<IsTruncated>true</IsTruncated><Marker>second</Marker>")},
        {0}};
    (void)state;
    app_case.answers = answers;
    app_expect(1, "", "doctor");
    doctor_item("reads", "missing", "sqs:GetQueueAttributes");
    assert_int_equal(app_calls("SimulatePrincipalPolicy"), 2);
}

/* Only where something would be repaired, and on the resource that the policy declares. */
static void asks_about_writes(void **state)
{
    static const struct app_answer answers[] = {
        REGIONS(REGION("us-east-1")),
        {"sqs%3ASetQueueAttributes", 200,
         SIMULATED(DECISION("sqs:SetQueueAttributes", "implicitDeny", ""), "")},
        SIMULATION(BOTH("allowed", "")),
        {0}};
    (void)state;
    app_case.answers = answers;
    app_expect(0, "", "doctor");
    assert_null(strstr(app_case.out, "\"writes\""));
    assert_int_equal(app_calls("SimulatePrincipalPolicy"), 1);
    app_expect(1, "", "doctor --remediate");
    doctor_item("reads", "ok", "allows all 2 declared reads");
    doctor_item("writes", "missing", "no policy allows sqs:SetQueueAttributes (for queue)");
    app_setenv("REMEDIATE", "true");
    app_expect(1, "sqs:SetQueueAttributes", "doctor");
    static const struct app_answer refused[] = {REGIONS(REGION("us-east-1")),
                                                {"sqs%3ASetQueueAttributes", 403, DENIED_XML},
                                                SIMULATION(BOTH("allowed", "")),
                                                {0}};
    app_case.answers = refused;
    app_expect(0, "", "doctor");
    doctor_item("writes", "not_checked", "of 1 declared writes, none is tried");
}

static void lists_where_nothing_is_simulated(void **state)
{
    static const struct app_answer answers[] = {
        {"Action=DescribeRegions", 403,
         "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not "
         "authorized to perform this operation.</Message></Error></Errors></Response>"},
        {"Action=SimulatePrincipalPolicy", 403, DENIED_XML},
        {"AmazonSQS.ListQueues", 400, DENIED_JSON},
        {0}};
    (void)state;
    app_case.answers = answers;
    app_expect(1, "", "doctor --regions us-east-1,eu-west-1");
    doctor_item("regions", "not_checked", "\"ec2:DescribeRegions is refused\"");
    doctor_item("reads", "not_checked",
                "iam:SimulatePrincipalPolicy is refused because no identity-based policy allows");
    doctor_item("listing", "missing",
                "queue in eu-west-1, us-east-1: sqs:ListQueues is refused with an explicit deny in "
                "a service control policy\"");
    app_wrote("\"actions\":[\"sqs:ListQueues\"],\"types\":[\"queue\"],\"regions\":[\"eu-west-1\",");
}

/* What the simulator reported is not reported again, and no refusal is reported twice. */
static void tells_a_refusal_once(void **state)
{
    static const struct app_answer answers[] = {
        REGIONS(REGION("us-east-1")),
        SIMULATION(DECISION("sqs:ListQueues", "implicitDeny", "")),
        {"AmazonSQS.ListQueues", 400, DENIED_JSON},
        {0}};
    (void)state;
    app_case.answers = answers;
    app_expect(1, "", "doctor");
    doctor_item("reads", "missing", "sqs:ListQueues");
    assert_null(strstr(app_case.out, "\"listing\""));
}

static void tells_a_listing_that_fails(void **state)
{
    static const struct app_answer answers[] = {
        REGIONS(REGION("us-east-1")),
        SIMULATION(BOTH("allowed", "")),
        {"AmazonSQS.ListQueues", 400, "{\"__type\":\"InvalidAddress\",\"message\":\"odd\"}"},
        {0}};
    (void)state;
    app_case.answers = answers;
    app_expect(1, "", "doctor");
    doctor_item("listing", "failed", "queue in us-east-1: sqs:ListQueues: ");
    app_file("policies/line.lua", "return policy { type = 'line', title = 'Line',\n"
                                  "permissions = { read = { 'sqs:ListQueues' } },\n"
                                  "discover = function(scope) scope.aws.sqs:ListQueues {} end,\n"
                                  "fetch = function() return {} end,\n"
                                  "checks = { { id = 'line.any', title = 'T', severity = 'low',\n"
                                  "audit = function() return true end } } }");
    app_expect(1, "", "doctor");
    doctor_item("listing", "failed", "line, queue in us-east-1: ");
    assert_null(strstr(strstr(app_case.out, "\"listing\"") + 1, "\"listing\""));
}

static void tells_a_region_that_is_not_enabled(void **state)
{
    (void)state;
    app_expect(1, "", "doctor --regions us-east-1,ap-east-1");
    doctor_item("regions", "failed", "ap-east-1 is not enabled in this account");
    doctor_item("regions", "ok", "enabled: us-east-1");
    doctor_item("listing", "not_checked", "queue in ap-east-1: the region is not enabled");
    assert_int_equal(app_calls("ListQueues"), 1);
}

static void tells_whose_permissions_count(void **state)
{
#define SESSION "arn:aws:sts::" APP_ACCOUNT ":assumed-role/Admin/me"
    static const struct app_answer session[] = {
        CALLER(SESSION),
        REGIONS(REGION("us-east-1")),
        {"PolicySourceArn=arn%3Aaws%3Aiam%3A%3A" APP_ACCOUNT "%3Arole%2Fpath%2FAdmin", 200,
         SIMULATED(BOTH("allowed", ""), "")},
        {"Action=GetRole", 200,
         "<GetRoleResponse><GetRoleResult><Role><RoleName>Admin</RoleName><Arn>arn:aws:iam::" //
         APP_ACCOUNT ":role/path/Admin</Arn></Role></GetRoleResult></GetRoleResponse>"},
        {0}};
    static const struct app_answer secretive[] = {
        CALLER(SESSION),
        REGIONS(REGION("us-east-1")),
        {"PolicySourceArn=arn%3Aaws%3Aiam%3A%3A" APP_ACCOUNT "%3Arole%2FAdmin", 200,
         SIMULATED(BOTH("allowed", ""), "")},
        {"Action=GetRole", 403, DENIED_XML},
        {0}};
    static const struct app_answer root[] = {
        CALLER("arn:aws:iam::" APP_ACCOUNT ":root"), REGIONS(REGION("us-east-1")), {0}};
    (void)state;
    app_case.answers = session;
    app_expect(0, "allows all 2 declared reads", "doctor");
    app_case.answers = secretive;
    app_expect(0, "allows all 2 declared reads", "doctor");
    app_case.answers = root;
    app_expect(0, "not the root user", "doctor");
}

/* Once for each run: a second interrupt would stop it at once. */
static bool interrupt(const struct peer_request *request)
{
    static pid_t interrupted;
    if (strstr(request->text, "Action=DescribeRegions") != NULL && interrupted != app_case.pid) {
        interrupted = app_case.pid;
        kill(interrupted, SIGINT);
    }
    return doctor_tell_time(request);
}

static void says_what_an_interruption_left_out(void **state)
{
    (void)state;
    app_case.hook = interrupt;
    app_expect(1, "", "doctor");
    doctor_item("listing", "not_checked", "stopped before it was listed");
    app_setenv("MEMBER_ROLE", "reader");
    app_expect(1, "",
               "doctor --accounts 100000000000,100000000001,100000000002,100000000003,100000000004,"
               "100000000005,100000000006,100000000007,100000000008,100000000009");
    doctor_item("accounts", "failed", "stopped: 2 accounts were not checked");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, doctor_set_up, app_case_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tells_a_refused_role),
        TEST(asks_with_the_role),
        TEST(tells_equal_accounts_together),
        TEST(tells_missing_permissions),
        TEST(asks_whether_it_may_import_findings),
        TEST(leaves_open_what_hangs_on_a_condition),
        TEST(reads_every_page_of_a_simulation),
        TEST(asks_about_writes),
        TEST(lists_where_nothing_is_simulated),
        TEST(tells_a_refusal_once),
        TEST(tells_a_listing_that_fails),
        TEST(tells_a_region_that_is_not_enabled),
        TEST(tells_whose_permissions_count),
        TEST(says_what_an_interruption_left_out),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
