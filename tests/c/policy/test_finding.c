/* Findings: made from outcomes, distinguished by identity, counted by exit status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "policy/finding.h"
#include "value/json.h"

static const char meta[] =
    "{\"checks\":[{\"id\":\"sqs.public\",\"title\":\"Public queue\",\"severity\":\"high\","
    "\"controls\":{\"securityhub\":[\"SQS.3\"]},\"fix\":true,\"risk\":\"R.\","
    "\"advice\":\"B.\",\"url\":\"https://u/\",\"impact\":\"none\",\"repair\":\"S.\"},"
    "{\"id\":\"sqs.shared\",\"title\":\"Shared queue\",\"severity\":\"medium\","
    "\"risk\":\"Q.\"}]}";

static struct policy policy;
static struct resource *resource;

static int64_t noon(void)
{
    return 1795435200000; /* 2026-11-23T12:00:00Z */
}

static int set_up(void **state)
{
    (void)state;
    clock_replace(noon, NULL);
    policy = (struct policy){.type = "sqs", .meta = json_loads(meta, 0, NULL)};
    resource = resource_new("111122223333", "us-east-1", "sqs", "https://q");
    return policy.meta == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    json_decref((json_t *)(uintptr_t)policy.meta);
    resource_free(resource);
    clock_replace(NULL, NULL);
    return 0;
}

static json_t *made(const char *check)
{
    json_t *entry = json_loads(check, 0, NULL);
    assert_non_null(entry);
    const json_t *described = finding_check_meta(&policy, json_get_string(entry, "id", ""));
    json_t *finding = finding_from_check(&policy, resource, entry, described);
    json_decref(entry);
    return finding;
}

static void expect(const char *check, const char *want)
{
    json_t *finding = made(check);
    char *text = json_text(finding);
    assert_string_equal(text, want);
    mem_free(text);
    json_decref(finding);
}

#define WHO                                                                                        \
    "{\"account\":\"111122223333\",\"region\":\"us-east-1\",\"type\":\"sqs\",\"id\":\"https://"    \
    "q\","

static void test_forms(void **state)
{
    (void)state;
    expect("{\"id\":\"sqs.public\",\"status\":\"compliant\",\"fix\":\"none\"}",
           WHO "\"check\":\"sqs.public\",\"title\":\"Public queue\",\"severity\":\"high\","
               "\"status\":\"compliant\",\"summary\":\"\",\"remediation\":\"none\","
               "\"controls\":{\"securityhub\":[\"SQS.3\"]},\"time\":\"2026-11-23T12:00:00Z\"}");
    expect("{\"id\":\"sqs.public\",\"status\":\"non_compliant\",\"summary\":\"open\","
           "\"evidence\":{\"n\":1},\"fix\":\"steps\",\"steps\":[{\"call\":\"sqs:X\"}]}",
           WHO "\"check\":\"sqs.public\",\"title\":\"Public queue\",\"severity\":\"high\","
               "\"status\":\"non_compliant\",\"summary\":\"open\",\"evidence\":{\"n\":1},"
               "\"remediation\":\"available\",\"steps\":[{\"call\":\"sqs:X\"}],"
               "\"controls\":{\"securityhub\":[\"SQS.3\"]},\"risk\":\"R.\",\"advice\":\"B.\","
               "\"url\":\"https://u/"
               "\",\"impact\":\"none\",\"repair\":\"S.\",\"time\":\"2026-11-23T12:00:00Z\"}");
    expect("{\"id\":\"sqs.shared\",\"status\":\"unknown\",\"error\":{\"kind\":\"api\","
           "\"message\":\"no\"}}",
           WHO "\"check\":\"sqs.shared\",\"title\":\"Shared queue\",\"severity\":\"medium\","
               "\"status\":\"unknown\",\"summary\":\"no\",\"remediation\":\"none\","
               "\"controls\":{},\"risk\":\"Q.\",\"time\":\"2026-11-23T12:00:00Z\",\"error\":{"
               "\"kind\":\"api\",\"message\":\"no\"}}");
}

static void test_skipped(void **state)
{
    (void)state;
    assert_null(made("{\"id\":\"sqs.public\",\"status\":\"skipped\"}"));
}

static void remediation(const char *check, const char *want, const char *key)
{
    json_t *finding = made(check);
    assert_string_equal(finding_get(finding, "remediation"), want);
    assert_true(key == NULL || json_object_get(finding, key) != NULL);
    json_decref(finding);
}

static void test_remediation(void **state)
{
    (void)state;
#define BAD(id, rest) "{\"id\":\"sqs." id "\",\"status\":\"non_compliant\"" rest "}"
    remediation(BAD("public", ",\"fix\":\"none\""), "none", NULL);
    remediation(BAD("public", ""), "available", NULL);
    remediation(BAD("shared", ""), "none", NULL);
    remediation(BAD("public", ",\"fix\":\"waits\""), "available", "waits");
    remediation(BAD("public", ",\"fix\":\"covered\",\"covered_by\":\"x\""), "available",
                "covered_by");
    remediation(BAD("public", ",\"fix\":\"held\",\"held\":\"why\""), "available", "held");
}

static void test_for_all(void **state)
{
    (void)state;
    struct err err = {0};
    err_set(&err, ERR_API, "no access");
    strcpy(err.code, "AccessDenied");
    json_t *findings = findings_for_all(&policy, resource, STATUS_UNKNOWN, &err);
    assert_int_equal(json_array_size(findings), 2);
    const json_t *second = json_array_get(findings, 1);
    assert_string_equal(finding_get(second, "check"), "sqs.shared");
    assert_string_equal(finding_get(second, "summary"), "no access");
    const json_t *error = json_object_get(second, "error");
    assert_string_equal(finding_get(error, "code"), "AccessDenied");
    assert_string_equal(finding_get(error, "kind"), "api");
    assert_null(json_object_get(error, "request_id"));
    json_decref(findings);

    findings = findings_for_all(&policy, resource, STATUS_GONE, NULL);
    assert_string_equal(finding_get(json_array_get(findings, 0), "status"), "gone");
    assert_null(json_object_get(json_array_get(findings, 0), "error"));
    json_decref(findings);
}

static char *identity_in(const char *region, bool global)
{
    policy.global = global;
    struct resource *other = resource_new("111122223333", region, "sqs", "https://q");
    json_t *findings = findings_for_all(&policy, other, STATUS_GONE, NULL);
    const json_t *finding = json_array_get(findings, 0);
    char *identity = finding_identity(&policy, finding);
    char *alone = finding_identity(NULL, finding);
    assert_string_equal(identity, alone);
    mem_free(alone);
    json_decref(findings);
    resource_free(other);
    policy.global = false;
    return identity;
}

static void test_identity(void **state)
{
    (void)state;
    char *here = identity_in("us-east-1", false);
    char *there = identity_in("eu-west-1", false);
    assert_string_equal(here,
                        "[\"111122223333\",\"us-east-1\",\"sqs\",\"https://q\",\"sqs.public\"]");
    assert_string_not_equal(here, there);
    mem_free(here);
    mem_free(there);
    here = identity_in("us-east-1", true);
    there = identity_in("eu-west-1", true);
    assert_string_equal(here, there);
    mem_free(here);
    mem_free(there);
}

static int exit_of(const char *status, const char *outcome, bool *notified)
{
    json_t *finding = json_object();
    finding_set(finding, "status", status);
    finding_set(finding, "remediation", outcome);
    int result = finding_exit_status(finding);
    *notified = finding_is_notified(finding);
    json_decref(finding);
    return result;
}

static void test_exit_status(void **state)
{
    (void)state;
    static const struct {
        const char *status, *remediation;
        int exit;
        bool notified;
    } cases[] = {
        {"compliant", "none", 0, false},       {"gone", "none", 0, false},
        {"pending", "none", 1, false},         {"unknown", "none", 1, true},
        {"exempt", "none", 0, true},           {"exempt", "available", 0, true},
        {"non_compliant", "none", 2, true},    {"non_compliant", "available", 2, true},
        {"non_compliant", "planned", 2, true}, {"non_compliant", "held", 2, true},
        {"non_compliant", "fixed", 0, true},   {"non_compliant", "failed", 1, true},
        {"compliant", "fixed", 0, true},       {"pending", "failed", 1, true},
        {"something", "none", 1, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool notified;
        assert_int_equal(exit_of(cases[i].status, cases[i].remediation, &notified), cases[i].exit);
        assert_int_equal(notified, cases[i].notified);
    }
}

static void test_worse(void **state)
{
    (void)state;
    assert_int_equal(finding_worse(0, 0), 0);
    assert_int_equal(finding_worse(0, 2), 2);
    assert_int_equal(finding_worse(2, 1), 1);
    assert_int_equal(finding_worse(1, 0), 1);
}

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),       cmocka_unit_test(test_skipped),
        cmocka_unit_test(test_remediation), cmocka_unit_test(test_for_all),
        cmocka_unit_test(test_identity),    cmocka_unit_test(test_exit_status),
        cmocka_unit_test(test_worse),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
