/* Reports for other programs: each is parsed in its own format. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <expat.h>

#include "base/mem.h"
#include "support/report_findings.h"
#include "value/json.h"

static json_t *read_json(const char *text)
{
    struct err err = {0};
    json_t *value = json_parse(text, strlen(text), &err);
    if (value == NULL)
        fail_msg("%s in %s", err.message, text);
    return value;
}

static void check_xml(const char *text)
{
    XML_Parser parser = XML_ParserCreate(NULL);
    enum XML_Status status = XML_Parse(parser, text, (int)strlen(text), 1);
    const char *why = XML_ErrorString(XML_GetErrorCode(parser));
    XML_ParserFree(parser);
    if (status != XML_STATUS_OK)
        fail_msg("%s in:\n%s", why, text);
}

static void test_junit(void **state)
{
    (void)state;
    struct report *report = report_begin(FORMAT_JUNIT);
    report_add_all(report);
    const char *text = report_end(report);
    check_xml(text);
    report_has(text, "tests=\"11\" failures=\"4\" errors=\"3\" skipped=\"2\"");
    report_has(text,
               "<testcase classname=\"sqs.c0\" name=\"111122223333/us-east-1/sqs/a\"></testcase>");
    report_has(text,
               "<failure message=\"Queue &lt;lets&gt; &quot;anyone&quot; in &amp; more; anyone may "
               "send; a limit\" type=\"high\">");
    report_has(text, "<skipped message=\"exempt: Queue &lt;lets&gt; &quot;anyone&quot; in &amp; "
                     "more; anyone may send; reason: ");
}

/* Nothing from outside is markup, ends its code, or mentions somebody. */
static void test_markdown(void **state)
{
    (void)state;
    struct report *report = report_begin(FORMAT_MARKDOWN);
    json_t *finding = report_finding("a`b``c", "sqs.c0", "non_compliant", "planned");
    json_t *step = json_pack("{s:s, s:{s:s}, s:s}", "call", "sqs:SetQueueAttributes", "with",
                             "Policy", "```\n@all", "irreversible", "why");
    json_object_set_new(finding, "steps", json_pack("[o]", step));
    finding_set(finding, "title", "Queue <lets> @anyone *in*");
    finding_set(finding, "repair", "Removes it.");
    finding_set(finding, "impact", "interrupts");
    report_give(report, finding);
    json_t *other = report_finding("", "sqs.c0", "unknown", "none");
    finding_set(other, "severity", "low\n@all");
    finding_set(other, "title", "/close - $1");
    finding_set(other, "summary", "it cannot be read: refused");
    json_object_set_new(other, "error", json_pack("{s:s}", "message", "refused"));
    report_give(report, other);
    json_t *exempt = report_finding("b", "sqs.c0", "exempt", "none");
    json_object_set_new(exempt, "exemption",
                        json_pack("{s:s, s:s, s:s, s:s}", "rule", "r.json: rules[1]", "reason",
                                  "agreed", "owner", "Ann", "expires", "2099-12-31"));
    finding_set(exempt, "baseline", "new");
    report_give(report, exempt);
    report_missing(report, "interrupted", "SIGTERM");
    const char *text = report_end(report);
    report_has(text, "### low \\@all: `sqs.c0` on \n\n\\/close - \\$1  \n");
    report_has(text, "Finding: `it cannot be read: refused`  \n\n### ");
    report_has(text,
               "### high: `sqs.c0` on ``` a`b``c ```\n\nQueue \\<lets\\> \\@anyone \\*in\\*  \n");
    report_has(text, "\n**Repair** (impact: interrupts): Removes it.\n\nCall: "
                     "`sqs:SetQueueAttributes`  \nCannot be undone: `why`  \n\n````json\n{\n  "
                     "\"Policy\": \"```\\n@all\"\n}\n````\n");
    report_has(text, "Result: `exempt`  \nSince the baseline: `new`  \n");
    report_has(text, "Exempt because: `agreed`  \nExemption's owner: `Ann`  \nExempt until: "
                     "`2099-12-31`  \nExempt by: `r.json: rules[1]`  \n");
    report_has(text, "\n---\n\n**Incomplete**: `SIGTERM`  \n3 resources");
}

/* Whoever approves a plan must see all of it. */
static void test_markdown_is_not_cut_silently(void **state)
{
    (void)state;
    struct err err = {0};
    struct report *report = report_begin(FORMAT_MARKDOWN);
    json_t *finding = report_finding("queue", "sqs.c0", "non_compliant", "planned");
    char *text = mem_alloc((17u << 20) + 1);
    memset(text, 'x', 17u << 20);
    json_object_set_new(finding, "steps",
                        json_pack("[{s:s, s:{s:s}}]", "call", "sqs:X", "with", "Policy", text));
    mem_free(text);
    report_give(report, finding);
    assert_int_equal(report_close(report, &err), -1);
    assert_non_null(strstr(err.message, "too large"));
}

static void test_sarif(void **state)
{
    (void)state;
    struct report *report = report_begin(FORMAT_SARIF);
    report_settings.all = true;
    report_add_all(report);
    report_give(report, report_finding("b", "sqs.c1", "non_compliant", "none"));
    json_t *document = read_json(report_end(report));
    const json_t *run = json_array_get(json_object_get(document, "runs"), 0);
    const json_t *results = json_object_get(run, "results");
    const json_t *driver = json_object_get(json_object_get(run, "tool"), "driver");
    assert_string_equal(finding_get(document, "version"), "2.1.0");
    assert_int_equal(json_array_size(results), VERDICTS + 1);
    assert_int_equal(json_array_size(json_object_get(driver, "rules")), VERDICTS);
    static const char *const kinds[] = {"pass", "fail", "fail", "fail", "pass",         "fail",
                                        "fail", "open", "fail", "open", "notApplicable"};
    for (size_t i = 0; i < VERDICTS; i++) {
        const json_t *result = json_array_get(results, i);
        bool failed = strcmp(kinds[i], "fail") == 0;
        assert_string_equal(finding_get(result, "kind"), kinds[i]);
        assert_string_equal(finding_get(result, "level"), failed ? "error" : "none");
        assert_int_equal(json_object_get(result, "suppressions") != NULL, i == 8);
    }
    const json_t *last = json_array_get(results, VERDICTS);
    assert_int_equal(json_get_integer(last, "ruleIndex", -1), 1);
    json_decref(document);
}

/* GitHub code scanning opens an alert for each result, whatever its kind is. */
static void test_sarif_without_finished_results(void **state)
{
    (void)state;
    struct report *report = report_begin(FORMAT_SARIF);
    report_add_all(report);
    json_t *resolved = report_finding("b", "sqs.resolved", "compliant", "none");
    verdict_set_mark(resolved, MARK_RESOLVED);
    report_give(report, resolved);
    json_t *document = read_json(report_end(report));
    const json_t *run = json_array_get(json_object_get(document, "runs"), 0);
    const json_t *results = json_object_get(run, "results");
    const json_t *driver = json_object_get(json_object_get(run, "tool"), "driver");
    assert_int_equal(json_array_size(results), VERDICTS - 3);
    assert_int_equal(json_array_size(json_object_get(driver, "rules")), VERDICTS - 3);
    for (size_t i = 0; i < VERDICTS - 3; i++) {
        const char *kind = finding_get(json_array_get(results, i), "kind");
        assert_true(strcmp(kind, "fail") == 0 || strcmp(kind, "open") == 0);
    }
    json_decref(document);
}

static const char *member(const json_t *object, const char *outer, const char *inner)
{
    return finding_get(json_object_get(object, outer), inner);
}

static void test_asff(void **state)
{
    (void)state;
    static const char *const compliance[] = {"PASSED", "FAILED",  "FAILED",       "FAILED",
                                             "PASSED", "FAILED",  "FAILED",       "NOT_AVAILABLE",
                                             "FAILED", "WARNING", "NOT_AVAILABLE"};
    report_settings.all = true;
    struct report *report = report_begin(FORMAT_ASFF);
    report_add_all(report);
    json_t *document = read_json(report_end(report));
    const json_t *entries = json_object_get(document, "Findings");
    assert_int_equal(json_array_size(entries), VERDICTS);
    for (size_t i = 0; i < VERDICTS; i++)
        assert_string_equal(member(json_array_get(entries, i), "Compliance", "Status"),
                            compliance[i]);
    const json_t *entry = json_array_get(entries, 1);
    assert_string_equal(finding_get(entry, "SchemaVersion"), "2018-10-08");
    assert_string_equal(finding_get(entry, "ProductArn"),
                        "arn:aws:securityhub:us-east-1:111122223333:product/111122223333/default");
    assert_string_equal(member(entry, "Severity", "Label"), "HIGH");
    assert_string_equal(member(json_array_get(entries, 0), "Severity", "Label"), "INFORMATIONAL");
    assert_string_equal(member(json_array_get(entries, 8), "Workflow", "Status"), "SUPPRESSED");
    assert_string_equal(finding_get(json_array_get(entries, 10), "RecordState"), "ARCHIVED");
    json_decref(document);
}

/* The resource's ARN and Security Hub's name of its type, as the caller passes them. */
static void test_asff_names(void **state)
{
    (void)state;
    struct report *report = report_begin(FORMAT_ASFF);
    json_t *finding = report_finding("https://x/q", "sqs.public", "non_compliant", "none");
    json_object_set_new(
        finding, "names",
        json_pack("{s:s, s:s}", "arn", "arn:aws:sqs:us-east-1:1:q", "type", "AwsSqsQueue"));
    report_give(report, finding);
    json_t *document = read_json(report_end(report));
    const json_t *entry = json_array_get(json_object_get(document, "Findings"), 0);
    const json_t *resource = json_array_get(json_object_get(entry, "Resources"), 0);
    assert_string_equal(finding_get(resource, "Type"), "AwsSqsQueue");
    assert_string_equal(finding_get(resource, "Id"), "arn:aws:sqs:us-east-1:1:q");
    json_decref(document);
}

/* A finding whose check has all descriptions. */
static json_t *reported(const char *remediation)
{
    json_t *finding = report_finding("a", "sqs.public", "non_compliant", remediation);
    finding_set(finding, "risk", "Anyone reads it.");
    finding_set(finding, "advice", "Close <it>.");
    finding_set(finding, "url", "https://docs.aws.amazon.com/x");
    finding_set(finding, "impact", "interrupts");
    finding_set(finding, "repair", "Removes the statement.");
    return finding;
}

static void test_descriptions_of_checks(void **state)
{
    (void)state;
    struct report *report = report_begin(FORMAT_SARIF);
    report_give(report, reported("available"));
    json_t *document = read_json(report_end(report));
    const json_t *run = json_array_get(json_object_get(document, "runs"), 0);
    const json_t *driver = json_object_get(json_object_get(run, "tool"), "driver");
    const json_t *rule = json_array_get(json_object_get(driver, "rules"), 0);
    assert_string_equal(member(rule, "fullDescription", "text"), "Anyone reads it.");
    assert_string_equal(member(rule, "help", "text"), "Close <it>.");
    assert_string_equal(finding_get(rule, "helpUri"), "https://docs.aws.amazon.com/x");
    json_decref(document);

    report = report_begin(FORMAT_ASFF);
    report_give(report, reported("available"));
    document = read_json(report_end(report));
    const json_t *entry = json_array_get(json_object_get(document, "Findings"), 0);
    const json_t *remediation = json_object_get(entry, "Remediation");
    assert_string_equal(member(remediation, "Recommendation", "Text"),
                        "A repair is available; run again with --remediate. Close <it>.");
    assert_string_equal(member(remediation, "Recommendation", "Url"),
                        "https://docs.aws.amazon.com/x");
    assert_string_equal(member(entry, "ProductFields", "engine/impact"), "interrupts");
    assert_string_equal(member(entry, "ProductFields", "engine/repair"), "Removes the statement.");
    json_decref(document);

    report = report_begin(FORMAT_TABLE);
    report_give(report, reported("available"));
    const char *text = report_end(report);
    report_has(text, "risk: Anyone reads it.");
    report_has(text, "repair (impact: interrupts): Removes the statement.");
    report = report_begin(FORMAT_TABLE);
    report_give(report, reported("none"));
    report_has(report_end(report), "by hand: Close <it>.");
}

static json_t *asff_entry(const char *id, const char *time, bool global, const char *region)
{
    json_t *finding = report_finding(id, "sqs.public", "non_compliant", "none");
    finding_set(finding, "time", time);
    finding_set(finding, "region", region);
    if (global)
        json_object_set_new(finding, "global", json_true());
    struct report *report = report_begin(FORMAT_ASFF);
    report_give(report, finding);
    json_t *document = read_json(report_end(report));
    json_t *entry = json_incref(json_array_get(json_object_get(document, "Findings"), 0));
    json_decref(document);
    return entry;
}

static void same_identity(json_t *a, json_t *b, bool want)
{
    assert_int_equal(strcmp(finding_get(a, "Id"), finding_get(b, "Id")) == 0, want);
    json_decref(a);
    json_decref(b);
}

static void test_asff_identity_is_stable(void **state)
{
    (void)state;
    same_identity(asff_entry("a", "2026-11-23T12:00:00Z", false, "us-east-1"),
                  asff_entry("a", "2026-11-24T12:00:00Z", false, "us-east-1"), true);
    same_identity(asff_entry("a", "t", false, "us-east-1"),
                  asff_entry("a", "t", false, "us-west-1"), false);
    same_identity(asff_entry("a", "t", true, "us-east-1"), asff_entry("a", "t", true, "us-west-1"),
                  true);
}

static void test_asff_lengths(void **state)
{
    (void)state;
    char *id = mem_alloc(5001);
    for (size_t i = 0; i < 2500; i++)
        memcpy(id + 2 * i, "\xc3\xb6", 2);
    json_t *entry = asff_entry(id, "t", false, "cn-north-1");
    const json_t *resource = json_array_get(json_object_get(entry, "Resources"), 0);
    assert_int_equal(strlen(finding_get(resource, "Id")), 512);
    assert_string_equal(finding_get(resource, "Partition"), "aws-cn");
    assert_true(strlen(member(entry, "ProductFields", "engine/id")) <= 2048);
    json_decref(entry);
    mem_free(id);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, report_set_up, report_tear_down)

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        TEST(test_junit),
        TEST(test_markdown),
        TEST(test_markdown_is_not_cut_silently),
        TEST(test_sarif),
        TEST(test_sarif_without_finished_results),
        TEST(test_asff),
        TEST(test_asff_identity_is_stable),
        TEST(test_asff_lengths),
        TEST(test_asff_names),
        TEST(test_descriptions_of_checks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
