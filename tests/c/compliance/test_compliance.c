/* Frameworks: which check covers which control, and the result of a run for each control. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "compliance/compliance.h"
#include "support/report_findings.h"
#include "value/json.h"

static char folder[] = "/tmp/compliance-XXXXXX";
static struct policy queues = {.type = "sqs"}, topics = {.type = "sns"};
static const struct policy *const all_policies[] = {&queues, &topics};

static const char framework[] =
    "{\"title\": \"A Framework\", \"sources\": [\"https://x\"], \"declared\": \"mine\","
    " \"controls\": {\"1\": [\"SQS.3\"], \"2\": [\"SQS.9\", \"sqs.tls ~\"], \"3\": [], \"10\": "
    "[]}}";

static const struct policy *const *all(void *self, size_t *count)
{
    (void)self;
    *count = 2;
    return all_policies;
}

static const struct policy *find(void *self, const char *name)
{
    (void)self;
    return strcmp(name, "queue") == 0 ? &queues : strcmp(name, "sns") == 0 ? &topics : NULL;
}

static struct evaluator evaluator = {.all = all, .find = find};

static void write_file(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/frameworks/%s.json", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int set_up(void **state)
{
    char path[64];
    (void)state;
    strcpy(folder, "/tmp/compliance-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/frameworks", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    write_file("mine", framework);
    queues.meta =
        json_pack("{s:[{s:s, s:s, s:{s:[s], s:[s]}}, {s:s, s:{s:[s]}}]}", "checks", "id",
                  "sqs.public", "title", "Queue is public", "controls", "securityhub", "SQS.3",
                  "mine", "10 ~", "id", "sqs.tls", "controls", "securityhub", "SQS.4");
    topics.meta =
        json_pack("{s:[{s:s, s:{s:[s]}}]}", "checks", "id", "sns.tls", "controls", "mine", "2");
    return 0;
}

static int tear_down(void **state)
{
    static const char *const names[] = {"mine", "bad", "worse"};
    char path[128];
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/frameworks/%s.json", folder, names[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/frameworks", folder);
    json_decref((json_t *)(uintptr_t)queues.meta);
    json_decref((json_t *)(uintptr_t)topics.meta);
    return rmdir(path) != 0 ? -1 : rmdir(folder);
}

static struct compliance *open_mine(void)
{
    struct err err = {0};
    struct compliance *compliance =
        compliance_open(&(struct text_list){(char *[]){folder}, 1}, "mine", &evaluator, &err);
    assert_string_equal(err.message, "");
    assert_non_null(compliance);
    return compliance;
}

static const json_t *control_of(const json_t *result, const char *id)
{
    size_t i;
    json_t *control;
    json_array_foreach (json_object_get(result, "controls"), i, control) {
        if (strcmp(finding_get(control, "id"), id) == 0)
            return control;
    }
    fail_msg("no control %s", id);
    return NULL;
}

static void give(struct compliance *compliance, const char *check, const char *status,
                 const char *remediation)
{
    json_t *finding = report_finding("a", check, status, remediation);
    compliance_count(compliance, finding);
    json_decref(finding);
}

static void expect(struct compliance *compliance, const char *control, const char *status)
{
    json_t *result = compliance_result(compliance);
    assert_string_equal(finding_get(control_of(result, control), "status"), status);
    json_decref(result);
}

static void test_names(void **state)
{
    (void)state;
    struct compliance *compliance = open_mine();
    json_t *finding = report_finding("a", "sqs.public", "compliant", "none");
    compliance_name(compliance, finding);
    char *text = json_text(json_object_get(finding, "controls"));
    assert_string_equal(text, "{\"securityhub\":[\"SQS.3\"],\"mine\":[\"1\",\"10 ~\"]}");
    mem_free(text);
    json_decref(finding);
    finding = report_finding("a", "sqs.other", "compliant", "none");
    compliance_name(compliance, finding);
    assert_null(json_object_get(json_object_get(finding, "controls"), "mine"));
    json_decref(finding);
    compliance_free(compliance);
}

/* A finding shares what its policy declares. */
static void test_names_are_not_added_to_the_policy(void **state)
{
    (void)state;
    struct compliance *compliance = open_mine();
    json_t *finding = report_finding("a", "sqs.public", "compliant", "none");
    json_t *declared = json_incref(json_object_get(finding, "controls"));
    compliance_name(compliance, finding);
    assert_non_null(json_object_get(json_object_get(finding, "controls"), "mine"));
    assert_null(json_object_get(declared, "mine"));
    json_decref(declared);
    json_decref(finding);
    compliance_free(compliance);
}

static void test_result(void **state)
{
    (void)state;
    struct compliance *compliance = open_mine();
    give(compliance, "sqs.public", "compliant", "none");
    give(compliance, "sqs.public", "non_compliant", "held");
    json_t *result = compliance_result(compliance);
    char *text = json_text(result);
    assert_string_equal(
        text, "{\"framework\":\"mine\",\"title\":\"A Framework\",\"sources\":[\"https://x\"],"
              "\"statuses\":{\"failed\":2,\"not_audited\":1,\"not_covered\":1},\"titles\":{"
              "\"sqs.public\":\"Queue is public\"},\"controls\":["
              "{\"id\":\"1\",\"status\":\"failed\",\"checks\":[\"sqs.public\"],"
              "\"passed\":1,\"failed\":1,\"unknown\":0,\"exempt\":0},"
              "{\"id\":\"2\",\"status\":\"not_audited\",\"checks\":[\"sqs.tls\",\"sns.tls\"],"
              "\"passed\":0,\"failed\":0,\"unknown\":0,\"exempt\":0},"
              "{\"id\":\"3\",\"status\":\"not_covered\",\"checks\":[]},"
              "{\"id\":\"10\",\"status\":\"failed\",\"checks\":[\"sqs.public\"],\"near\":true,"
              "\"passed\":1,\"failed\":1,\"unknown\":0,\"exempt\":0}]}");
    mem_free(text);
    json_decref(result);
    compliance_free(compliance);
}

/* The member "near" of a control, and how a finding names it. */
static void expect_near(const char *name, const char *check, const char *near)
{
    struct err err = {0};
    struct text_list folders = {(char *[]){folder}, 1};
    struct compliance *compliance = compliance_open(&folders, name, &evaluator, &err);
    assert_string_equal(err.message, "");
    json_t *finding = report_finding("a", check, "compliant", "none");
    compliance_name(compliance, finding);
    char *names = json_text(json_object_get(json_object_get(finding, "controls"), name));
    assert_string_equal(names, near);
    json_t *result = compliance_result(compliance);
    const json_t *control;
    size_t i;
    json_array_foreach (json_object_get(result, "controls"), i, control) {
        char *marked = mem_printf("\"%s ~\"", finding_get(control, "id"));
        assert_int_equal(json_object_get(control, "near") != NULL, strstr(near, marked) != NULL);
        mem_free(marked);
    }
    json_decref(result);
    json_decref(finding);
    mem_free(names);
    compliance_free(compliance);
}

/* A check of a part does not prove the control; checks of all its parts do. */
static void test_parts(void **state)
{
    (void)state;
    write_file("bad", "{\"title\": \"x\", \"sources\": [], \"controls\": {"
                      " \"part\": [\"SQS.3\", \"SQS.9\"], \"all\": [\"SQS.3\", \"SQS.4\"]}}");
    expect_near("bad", "sqs.public", "[\"part ~\",\"all\"]");
    write_file("worse", "{\"title\": \"x\", \"sources\": [], \"near\": true, \"controls\": {"
                        " \"all\": [\"SQS.3\"]}}");
    expect_near("worse", "sqs.public", "[\"all ~\"]");
}

/* Failed takes precedence over unknown, unknown over exempt, exempt over passed. */
static void test_order_of_statuses(void **state)
{
    (void)state;
    struct compliance *compliance = open_mine();
    expect(compliance, "1", "not_audited");
    give(compliance, "sqs.public", "gone", "none");
    expect(compliance, "1", "not_audited");
    give(compliance, "sqs.public", "non_compliant", "fixed");
    expect(compliance, "1", "passed");
    give(compliance, "sqs.public", "exempt", "none");
    expect(compliance, "1", "exempt");
    give(compliance, "sqs.public", "pending", "none");
    expect(compliance, "1", "unknown");
    give(compliance, "sqs.public", "non_compliant", "failed");
    expect(compliance, "1", "failed");
    expect(compliance, "2", "not_audited");
    compliance_free(compliance);
}

/* No control passes that was not audited. */
static void test_incomplete(void **state)
{
    (void)state;
    struct compliance *compliance = open_mine();
    give(compliance, "sqs.public", "compliant", "none");
    json_t *place = report_finding("*", "sqs.listed", "unknown", "none");
    compliance_count(compliance, place);
    json_decref(place);
    expect(compliance, "1", "unknown");
    expect(compliance, "2", "unknown");
    compliance_free(compliance);
    compliance = open_mine();
    give(compliance, "sqs.public", "compliant", "none");
    json_t *account = report_finding("*", "account.entered", "unknown", "none");
    compliance_count(compliance, account);
    json_decref(account);
    expect(compliance, "1", "unknown");
    expect(compliance, "2", "unknown");
    compliance_free(compliance);
    compliance = open_mine();
    give(compliance, "sqs.public", "compliant", "none");
    json_t *run = finding_incomplete("interrupted", "SIGINT");
    compliance_count(compliance, run);
    json_decref(run);
    expect(compliance, "1", "unknown");
    expect(compliance, "3", "not_covered");
    compliance_free(compliance);
}

static struct compliance *open_selected(const json_t *selected, const char *type)
{
    struct text_list types = {0};
    struct compliance *compliance = open_mine();
    if (type != NULL)
        text_list_add(&types, type);
    compliance_select(compliance, &evaluator, selected, &types);
    text_list_clear(&types);
    give(compliance, "sqs.public", "compliant", "none");
    give(compliance, "sqs.tls", "compliant", "none");
    return compliance;
}

/* A control does not pass, and is not exempt, if a check that covers it was left out. */
static void test_selected(void **state)
{
    (void)state;
    json_t *selected = json_pack("{s:b, s:b}", "sqs.public", 1, "sqs.tls", 1);
    struct compliance *compliance = open_selected(selected, NULL);
    expect(compliance, "1", "passed");
    expect(compliance, "2", "not_audited");
    expect(compliance, "3", "not_covered");
    give(compliance, "sqs.tls", "exempt", "none");
    expect(compliance, "2", "not_audited");
    give(compliance, "sqs.tls", "unknown", "none");
    expect(compliance, "2", "unknown");
    give(compliance, "sqs.tls", "non_compliant", "none");
    expect(compliance, "2", "failed");
    compliance_free(compliance);
    json_decref(selected);
}

/* Like --types: by type or alias. */
static void test_types(void **state)
{
    (void)state;
    struct compliance *compliance = open_selected(NULL, "queue");
    expect(compliance, "1", "passed");
    expect(compliance, "2", "not_audited");
    compliance_free(compliance);
    compliance = open_selected(NULL, NULL);
    expect(compliance, "2", "passed");
    compliance_free(compliance);
}

static void refuses(const char *policies, const char *name, const char *why)
{
    struct err err = {0};
    struct text_list folders = {0};
    if (policies != NULL)
        text_list_add(&folders, policies);
    assert_null(compliance_open(&folders, name, &evaluator, &err));
    text_list_clear(&folders);
    assert_int_equal(err.kind, ERR_USAGE);
    if (strstr(err.message, why) == NULL)
        fail_msg("'%s' is not in: %s", why, err.message);
}

static void test_usage(void **state)
{
    (void)state;
    write_file("bad", "{\"title\": 1,\n\"title\"}");
    write_file("worse", "{\"title\": \"x\", \"sources\": [], \"controls\": {\"1\": \"SQS.3\"}}");
    refuses(folder, "mien", "\"mien\" is not one of bad, mine, worse, did you mean \"mine\"?");
    refuses(folder, "../mine", "is not one of bad, mine, worse");
    refuses(folder, "bad", "bad.json line 2: ");
    refuses(folder, "worse", "worse.json: a control is not a list of strings");
    write_file("bad",
               "{\"title\": \"x\", \"sources\": [], \"near\": 1, \"controls\": {\"1\": []}}");
    refuses(folder, "bad", "bad.json: \"near\" is not true or false");
    refuses("/nonexistent", "mine", "there are no frameworks in /nonexistent/frameworks");
    refuses(NULL, "mine", "there is no policies directory");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_names),
        TEST(test_names_are_not_added_to_the_policy),
        TEST(test_result),
        TEST(test_parts),
        TEST(test_order_of_statuses),
        TEST(test_incomplete),
        TEST(test_selected),
        TEST(test_types),
        TEST(test_usage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
