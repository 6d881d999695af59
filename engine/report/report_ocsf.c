#include "report/report_ocsf.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "policy/finding.h"
#include "policy/identity.h"
#include "policy/verdict.h"
#include "report/report_escape.h"
#include "report/report_internal.h"
#include "report/report_lines.h"
#include "report/report_output.h"
#include "report/report_totals.h"
#include "value/json.h"

#define OCSF_VERSION "1.6.0"
#define CATEGORY_UID 2
#define CLASS_UID 2003
#define ACCOUNT_OF_AWS 10 /* account.type_id */
#define TEXT_MAX 4096

/* A value of an enum of the schema: its number and its caption. */
struct choice {
    int id;
    const char *name;
};

/* severity_id, by severity_rank. */
static const struct choice severities[] = {
    {5, "Critical"}, {4, "High"}, {3, "Medium"}, {2, "Low"}, {1, "Informational"}};

/* activity_id: what happened to the finding since the earlier report, if there is one. */
static struct choice activity_of(const json_t *finding)
{
    switch (verdict_mark(finding)) {
    case MARK_UNCHANGED: return (struct choice){2, "Update"};
    case MARK_RESOLVED: return (struct choice){3, "Close"};
    default: return (struct choice){1, "Create"};
    }
}

/* compliance.status_id; a resource that is gone has no verdict. */
static struct choice verdict_of(enum total total)
{
    switch (total) {
    case TOTAL_COMPLIANT:
    case TOTAL_FIXED: return (struct choice){1, "Pass"};
    case TOTAL_PENDING:
    case TOTAL_UNKNOWN: return (struct choice){2, "Warning"};
    case TOTAL_GONE: return (struct choice){0, "Unknown"};
    default: return (struct choice){3, "Fail"};
    }
}

/* status_id: where people are with the finding. */
static struct choice workflow_of(enum total total)
{
    switch (total) {
    case TOTAL_COMPLIANT:
    case TOTAL_FIXED:
    case TOTAL_GONE: return (struct choice){4, "Resolved"};
    case TOTAL_EXEMPT: return (struct choice){3, "Suppressed"};
    default: return (struct choice){1, "New"};
    }
}

static void set_choice(json_t *object, const char *key, const char *id_key, struct choice choice)
{
    json_object_set_new(object, key, json_string(choice.name));
    json_object_set_new(object, id_key, json_integer(choice.id));
}

static void set_text(json_t *object, const char *key, const char *text)
{
    if (text[0] != '\0')
        json_object_set_new(object, key, report_cut(text, TEXT_MAX));
}

static bool has_account(const json_t *finding)
{
    return strcmp(finding_get(finding, "account"), "*") != 0;
}

/* A finding of the run has neither account nor region. */
static json_t *cloud_of(const json_t *finding)
{
    const char *region = finding_get(finding, "region");
    json_t *cloud = json_pack("{s:s}", "provider", "AWS");
    if (!has_account(finding))
        return cloud;
    json_object_set_new(cloud, "account",
                        json_pack("{s:s, s:s, s:i}", "uid", finding_get(finding, "account"), "type",
                                  "AWS Account", "type_id", ACCOUNT_OF_AWS));
    json_object_set_new(cloud, "region", json_string_nocheck(region));
    json_object_set_new(cloud, "cloud_partition", json_string(identity_partition(region)));
    return cloud;
}

static json_t *metadata_of(void)
{
    return json_pack("{s:s, s:[s], s:{s:s, s:s, s:s}}", "version", OCSF_VERSION, "profiles",
                     "cloud", "product", "name", "engine", "vendor_name", "engine", "version",
                     ENGINE_VERSION);
}

static json_t *info_of(const json_t *finding)
{
    char fingerprint[65];
    report_fingerprint(finding, fingerprint);
    json_t *info =
        json_pack("{s:s, s:[s]}", "uid", fingerprint, "types", "Software and Configuration Checks");
    set_text(info, "title", finding_get(finding, "title"));
    set_text(info, "desc", finding_get(finding, "risk"));
    set_text(info, "src_url", finding_get(finding, "url"));
    return info;
}

/* The standards that the check belongs to, and their controls. */
static void set_standards(json_t *compliance, const json_t *finding)
{
    const char *standard;
    json_t *ids, *id;
    size_t i;
    json_t *standards = json_array(), *requirements = json_array();
    json_object_foreach (json_object_get(finding, "controls"), standard, ids) {
        json_array_append_new(standards, json_string_nocheck(standard));
        json_array_foreach (ids, i, id) {
            char *text = mem_printf("%s %s", standard, json_string_value(id));
            json_array_append_new(requirements, json_string_nocheck(text));
            mem_free(text);
        }
    }
    json_object_set_new(compliance, "standards", standards);
    json_object_set_new(compliance, "requirements", requirements);
}

static json_t *compliance_of(const json_t *finding, enum total total)
{
    const char *why = finding_why(finding);
    json_t *compliance = json_object();
    set_choice(compliance, "status", "status_id", verdict_of(total));
    set_text(compliance, "control", finding_get(finding, "check"));
    set_text(compliance, "desc", finding_get(finding, "title"));
    set_standards(compliance, finding);
    if (why[0] != '\0')
        json_object_set_new(compliance, "status_details",
                            json_pack("[o]", report_cut(why, TEXT_MAX)));
    return compliance;
}

/* Type and ARN are part of the finding: the code that delivers it knows its policy. */
static json_t *resources_of(const json_t *finding)
{
    const json_t *names = json_object_get(finding, "names");
    const char *region = finding_get(finding, "region");
    json_t *resource = json_object();
    set_text(resource, "uid", json_get_string(names, "arn", finding_get(finding, "id")));
    set_text(resource, "name", finding_get(finding, "id"));
    set_text(resource, "type", json_get_string(names, "type", finding_get(finding, "type")));
    if (has_account(finding)) {
        set_text(resource, "region", region);
        set_text(resource, "cloud_partition", identity_partition(region));
    }
    return json_pack("[o]", resource);
}

static void set_remediation(json_t *event, const json_t *finding)
{
    const char *advice = finding_get(finding, "advice"), *url = finding_get(finding, "url");
    if (advice[0] == '\0')
        return;
    json_t *remediation = json_pack("{s:o}", "desc", report_cut(advice, TEXT_MAX));
    if (url[0] != '\0')
        json_object_set_new(remediation, "references", json_pack("[o]", report_cut(url, TEXT_MAX)));
    json_object_set_new(event, "remediation", remediation);
}

/* What the schema has no place for. */
static json_t *unmapped_of(const json_t *finding)
{
    static const char *const keys[] = {"status", "remediation", "held",  "impact",
                                       "repair", "evidence",    "steps", "exemption",
                                       "error",  "baseline"};
    json_t *unmapped = json_object();
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (json_object_get(finding, keys[i]) != NULL)
            json_object_set(unmapped, keys[i], json_object_get(finding, keys[i]));
    }
    return unmapped;
}

static void set_class(json_t *event, const json_t *finding)
{
    struct choice activity = activity_of(finding);
    char *type = mem_printf("Compliance Finding: %s", activity.name);
    set_choice(event, "activity_name", "activity_id", activity);
    set_choice(event, "category_name", "category_uid", (struct choice){CATEGORY_UID, "Findings"});
    set_choice(event, "class_name", "class_uid", (struct choice){CLASS_UID, "Compliance Finding"});
    set_choice(event, "type_name", "type_uid",
               (struct choice){CLASS_UID * 100 + activity.id, type});
    mem_free(type);
}

static void set_message(json_t *event, const json_t *finding)
{
    struct buf text;
    buf_init(&text, REPORT_TEXT_MAX);
    report_sentence(&text, finding);
    set_text(event, "message", buf_text(&text));
    buf_clear(&text);
}

static json_t *event_of(const json_t *finding)
{
    int64_t time = 0;
    enum total total = total_of(finding);
    json_t *event = json_object();
    clock_parse_rfc3339(finding_get(finding, "time"), &time);
    set_class(event, finding);
    json_object_set_new(event, "time", json_integer(time));
    set_choice(event, "severity", "severity_id",
               severities[severity_rank(finding_get(finding, "severity"))]);
    set_choice(event, "status", "status_id", workflow_of(total));
    set_message(event, finding);
    json_object_set_new(event, "metadata", metadata_of());
    json_object_set_new(event, "cloud", cloud_of(finding));
    json_object_set_new(event, "finding_info", info_of(finding));
    json_object_set_new(event, "compliance", compliance_of(finding, total));
    json_object_set_new(event, "resources", resources_of(finding));
    set_remediation(event, finding);
    json_object_set_new(event, "unmapped", unmapped_of(finding));
    return event;
}

static void ocsf_begin(struct report *report)
{
    report_puts(report, "[");
}

static void ocsf_add(struct report *report, const json_t *finding)
{
    json_t *event = event_of(finding);
    report_puts(report, report->written > 0 ? ",\n" : "\n");
    report_write_json(report, event, "");
    json_decref(event);
}

static void ocsf_end(struct report *report)
{
    report_puts(report, report->written > 0 ? "\n]\n" : "]\n");
}

const struct report_format report_ocsf = {.begin = ocsf_begin, .add = ocsf_add, .end = ocsf_end};
