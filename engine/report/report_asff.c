#include "report/report_asff.h"

#include <string.h>

#include "base/mem.h"
#include "base/report_text.h"
#include "policy/finding.h"
#include "policy/identity.h"
#include "report/report_escape.h"
#include "report/report_internal.h"
#include "report/report_lines.h"
#include "report/report_output.h"
#include "report/report_totals.h"
#include "value/json.h"

#define TITLE_MAX 256
#define DESCRIPTION_MAX 1024
#define TEXT_MAX 512 /* of a recommendation, and of the id of a resource */
#define PRODUCT_FIELD_MAX 2047

static const char *const labels[] = {"CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL"};

static bool left_to_operator(enum total total)
{
    return total == TOTAL_NONE || total == TOTAL_HELD || total == TOTAL_FAILED ||
           total == TOTAL_AVAILABLE;
}

/* NOT_AVAILABLE: the check could not be performed; WARNING: some information is still missing. */
static const char *compliance_of(enum total total)
{
    switch (total) {
    case TOTAL_COMPLIANT:
    case TOTAL_FIXED: return "PASSED";
    case TOTAL_PENDING: return "WARNING";
    case TOTAL_UNKNOWN:
    case TOTAL_GONE: return "NOT_AVAILABLE";
    default: return "FAILED";
    }
}

static const char *workflow_of(enum total total)
{
    switch (total) {
    case TOTAL_COMPLIANT:
    case TOTAL_FIXED:
    case TOTAL_GONE: return "RESOLVED";
    case TOTAL_EXEMPT: return "SUPPRESSED";
    default: return "NEW";
    }
}

static const char *recommendation_of(enum total total)
{
    switch (total) {
    case TOTAL_FIXED: return "Repaired; nothing is left to do.";
    case TOTAL_PLANNED: return "A repair is planned; apply the plan.";
    case TOTAL_AVAILABLE: return "A repair is available; run again with --remediate.";
    case TOTAL_HELD: return "The repair is held back; see the reason and decide.";
    case TOTAL_FAILED: return "The repair failed; see the error.";
    case TOTAL_UNKNOWN: return "The check could not be performed; see the error.";
    case TOTAL_PENDING: return "The resource is not ready; it is audited again.";
    case TOTAL_EXEMPT: return "Left alone by an exception.";
    case TOTAL_NONE: return "No automatic repair exists; change the resource by hand.";
    default: return "Nothing needs to be done.";
    }
}

/* What to do, how to do it by hand if there is no repair, and where AWS documents it. */
static json_t *remediation_json(const json_t *finding, enum total total)
{
    const char *advice = left_to_operator(total) ? finding_get(finding, "advice") : "";
    const char *url = finding_get(finding, "url");
    char *text =
        mem_printf("%s%s%s", recommendation_of(total), advice[0] != '\0' ? " " : "", advice);
    json_t *recommendation = json_pack("{s:o}", "Text", report_cut(text, TEXT_MAX));
    if (url[0] != '\0')
        json_object_set_new(recommendation, "Url", report_cut(url, TEXT_MAX));
    mem_free(text);
    return json_pack("{s:o}", "Recommendation", recommendation);
}

static json_t *related(const json_t *finding)
{
    const char *standard;
    json_t *ids, *id;
    size_t i;
    json_t *list = json_array();
    json_object_foreach (json_object_get(finding, "controls"), standard, ids) {
        json_array_foreach (ids, i, id) {
            char *text = mem_printf("%s %s", standard, json_string_value(id));
            json_array_append_new(list, report_cut(text, 64));
            mem_free(text);
        }
    }
    return list;
}

static json_t *compliance_json(const json_t *finding, enum total total)
{
    json_t *compliance = json_pack("{s:s}", "Status", compliance_of(total));
    json_t *requirements = related(finding);
    if (json_array_size(requirements) > 0)
        json_object_set(compliance, "RelatedRequirements", requirements);
    json_decref(requirements);
    return compliance;
}

static json_t *product_fields(const json_t *finding)
{
    static const char *const keys[] = {"check", "type",     "id",     "status", "remediation",
                                       "held",  "evidence", "impact", "repair", "exemption"};
    json_t *fields = json_object();
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        struct buf text;
        char *name = mem_printf("engine/%s", keys[i]);
        buf_init(&text, REPORT_TEXT_MAX);
        report_value(&text, json_object_get(finding, keys[i]));
        if (text.len > 0)
            json_object_set_new(fields, name, report_cut(buf_text(&text), PRODUCT_FIELD_MAX));
        buf_clear(&text);
        mem_free(name);
    }
    return fields;
}

/* Type and ARN are part of the finding: the code that delivers it knows its policy. */
static json_t *resources_of(const json_t *finding)
{
    const char *region = finding_get(finding, "region");
    const json_t *names = json_object_get(finding, "names");
    const char *id = json_get_string(names, "arn", finding_get(finding, "id"));
    return json_pack("[{s:s, s:o, s:s, s:s}]", "Type", json_get_string(names, "type", "Other"),
                     "Id", report_cut(id, TEXT_MAX), "Partition", identity_partition(region),
                     "Region", region);
}

static json_t *severity_json(const json_t *finding, enum total total)
{
    bool passed = strcmp(compliance_of(total), "PASSED") == 0;
    const char *severity = finding_get(finding, "severity");
    return json_pack("{s:s, s:s}", "Label", passed ? labels[4] : labels[severity_rank(severity)],
                     "Original", severity);
}

static void set_identity(json_t *entry, const json_t *finding)
{
    char fingerprint[65];
    const char *account = finding_get(finding, "account");
    const char *region = finding_get(finding, "region");
    char *product = mem_printf("arn:%s:securityhub:%s:%s:product/%s/default",
                               identity_partition(region), region, account, account);
    report_fingerprint(finding, fingerprint);
    json_object_set_new(entry, "SchemaVersion", json_string("2018-10-08"));
    json_object_set_new(entry, "Id", json_string(fingerprint));
    json_object_set_new(entry, "ProductArn", json_string_nocheck(product));
    json_object_set_new(entry, "GeneratorId", report_cut(finding_get(finding, "check"), 512));
    json_object_set_new(entry, "AwsAccountId", json_string_nocheck(account));
    mem_free(product);
}

static void set_texts(json_t *entry, const json_t *finding)
{
    struct buf text;
    buf_init(&text, REPORT_TEXT_MAX);
    report_sentence(&text, finding);
    json_object_set_new(entry, "Title", report_cut(finding_get(finding, "title"), TITLE_MAX));
    json_object_set_new(entry, "Description", report_cut(buf_text(&text), DESCRIPTION_MAX));
    buf_clear(&text);
}

json_t *report_asff_entry(const json_t *finding)
{
    static const char *const times[] = {"CreatedAt", "UpdatedAt", "LastObservedAt"};
    enum total total = total_of(finding);
    json_t *entry = json_object();
    set_identity(entry, finding);
    json_object_set_new(entry, "Types",
                        json_pack("[s]", "Software and Configuration Checks/AWS Security Best "
                                         "Practices"));
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
        json_object_set(entry, times[i], json_object_get(finding, "time"));
    json_object_set_new(entry, "Severity", severity_json(finding, total));
    set_texts(entry, finding);
    json_object_set_new(entry, "Remediation", remediation_json(finding, total));
    json_object_set_new(entry, "ProductFields", product_fields(finding));
    json_object_set_new(entry, "Resources", resources_of(finding));
    json_object_set_new(entry, "Compliance", compliance_json(finding, total));
    json_object_set_new(entry, "Workflow", json_pack("{s:s}", "Status", workflow_of(total)));
    json_object_set_new(entry, "RecordState",
                        json_string(total == TOTAL_GONE ? "ARCHIVED" : "ACTIVE"));
    return entry;
}

static void asff_begin(struct report *report)
{
    json_decref(report->kept);
    report->kept = json_object(); /* account and region of the last finding that has them */
    report_puts(report, "{\"Findings\":[");
}

/* A finding of the run has no account, but Security Hub requires one: uses an account from the
 * report. */
static json_t *with_account(struct report *report, const json_t *finding)
{
    static const char *const keys[] = {"account", "region"};
    static const char *const otherwise[] = {"000000000000", "us-east-1"};
    json_t *placed = json_copy((json_t *)(uintptr_t)finding);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (strcmp(finding_get(finding, keys[i]), "*") == 0)
            finding_set(placed, keys[i], json_get_string(report->kept, keys[i], otherwise[i]));
        else
            json_object_set(report->kept, keys[i], json_object_get(finding, keys[i]));
    }
    return placed;
}

static void asff_add(struct report *report, const json_t *finding)
{
    json_t *placed = with_account(report, finding);
    json_t *entry = report_asff_entry(placed);
    json_decref(placed);
    report_puts(report, report->written > 0 ? ",\n" : "\n");
    report_write_json(report, entry, "");
    json_decref(entry);
}

static void asff_end(struct report *report)
{
    report_puts(report, "\n]}\n");
}

const struct report_format report_asff = {.begin = asff_begin, .add = asff_add, .end = asff_end};
