#include "report/report_sarif.h"

#include <string.h>

#include "base/mem.h"
#include "base/report_text.h"
#include "policy/finding.h"
#include "policy/finding_entry.h"
#include "policy/verdict.h"
#include "report/report_escape.h"
#include "report/report_internal.h"
#include "report/report_lines.h"
#include "report/report_missing.h"
#include "report/report_output.h"
#include "report/report_totals.h"
#include "value/json.h"
#include "value/uri.h"

#define URI_MAX 65536
/* Section 3.17.3. Code scanning of GitHub keeps the results of different categories apart, and
 * closes those of a category that a later report does not have: it must stay the same. */
#define CATEGORY "engine/aws/"

#define TAGS_MAX 20 /* of a rule: code scanning of GitHub refuses a report with more */

static const char *const levels[] = {"error", "error", "warning", "note", "note"};
static const char *const scores[] = {"9.5", "8.0", "5.5", "3.0", "0.0"};

static void sarif_begin(struct report *report)
{
    report_puts(report, "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\","
                        "\"version\":\"2.1.0\",\"runs\":[{\"automationDetails\":{\"id\":\"" CATEGORY
                        "\"},\"results\":[");
}

static json_t *tags_of(const json_t *finding)
{
    const char *standard;
    json_t *ids, *id;
    size_t i;
    json_t *tags = json_pack("[s]", "security");
    json_object_foreach (json_object_get(finding, "controls"), standard, ids) {
        json_array_foreach (ids, i, id) {
            if (json_array_size(tags) >= TAGS_MAX)
                return tags;
            char *tag = mem_printf("%s/%s", standard, json_string_value(id));
            json_array_append_new(tags, json_string_nocheck(tag));
            mem_free(tag);
        }
    }
    return tags;
}

static void set_text(json_t *rule, const char *key, const char *text)
{
    if (text[0] != '\0')
        json_object_set_new(rule, key, json_pack("{s:o}", "text", report_cut(text, 1024)));
}

static const char *or_title(const json_t *finding, const char *key)
{
    const char *text = finding_get(finding, key);
    return text[0] != '\0' ? text : finding_get(finding, "title");
}

/* Section 3.49: fullDescription, help and helpUri. Code scanning of GitHub requires the first two
 * of every rule. */
static json_t *described(json_t *rule, const json_t *finding)
{
    const char *url = finding_get(finding, "url");
    set_text(rule, "fullDescription", or_title(finding, "risk"));
    set_text(rule, "help", or_title(finding, "advice"));
    if (url[0] != '\0')
        json_object_set_new(rule, "helpUri", json_string_nocheck(url));
    return rule;
}

static json_t *rule_of(const json_t *finding)
{
    int rank = severity_rank(finding_get(finding, "severity"));
    json_t *rule = json_pack(
        "{s:O, s:O, s:{s:o}, s:{s:s}, s:{s:s, s:o}}", "id", json_object_get(finding, "check"),
        "name", json_object_get(finding, "check"), "shortDescription", "text",
        report_cut(finding_get(finding, "title"), 1024), "defaultConfiguration", "level",
        levels[rank], "properties", "security-severity", scores[rank], "tags", tags_of(finding));
    return described(rule, finding);
}

/* A compliant finding does not say what its check is about. */
static bool describes_more(const json_t *rule, const json_t *finding)
{
    return json_object_get(rule, "helpUri") == NULL && finding_get(finding, "url")[0] != '\0';
}

/* Index of the check among the rules; the first finding of a check adds its rule. */
static size_t rule_index(struct report *report, const json_t *finding)
{
    size_t i;
    json_t *rule;
    const char *check = finding_get(finding, "check");
    json_array_foreach (report->kept, i, rule) {
        if (strcmp(json_get_string(rule, "id", ""), check) != 0)
            continue;
        if (describes_more(rule, finding))
            json_array_set_new(report->kept, i, rule_of(finding));
        return i;
    }
    json_array_append_new(report->kept, rule_of(finding));
    return json_array_size(report->kept) - 1;
}

/* Section 3.27.9: "open" means that the result is not known; "pass" and the others have no
 * level. */
static const char *kind_of(const json_t *finding)
{
    switch (total_of(finding)) {
    case TOTAL_COMPLIANT:
    case TOTAL_FIXED: return "pass";
    case TOTAL_GONE: return "notApplicable";
    case TOTAL_UNKNOWN:
    case TOTAL_PENDING: return "open";
    default: return "fail";
    }
}

static void add_part(struct buf *uri, const json_t *finding, const char *key)
{
    const char *text = finding_get(finding, key);
    buf_addc(uri, '/');
    uri_encode(uri, text, strlen(text), false);
}

/* A resource is no file, but code scanning of GitHub shows only results with a line of one. */
static json_t *location_of(const json_t *finding)
{
    static const char *const keys[] = {"account", "region", "type", "id"};
    struct buf uri, name;
    buf_init(&uri, URI_MAX);
    buf_init(&name, URI_MAX);
    buf_adds(&uri, "aws");
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const char *text = finding_get(finding, keys[i]);
        add_part(&uri, finding, keys[i]);
        buf_adds(&name, i > 0 ? "/" : "");
        text_clean(&name, text, strlen(text));
    }
    json_t *location =
        json_pack("{s:{s:{s:s}, s:{s:i}}, s:[{s:s, s:s}]}", "physicalLocation", "artifactLocation",
                  "uri", buf_text(&uri), "region", "startLine", 1, "logicalLocations",
                  "fullyQualifiedName", buf_text(&name), "kind", "resource");
    buf_clear(&uri);
    buf_clear(&name);
    return location;
}

static void add_suppression(json_t *result, const json_t *finding)
{
    if (total_of(finding) == TOTAL_EXEMPT)
        json_object_set_new(result, "suppressions",
                            json_pack("[{s:s, s:s, s:o}]", "kind", "external", "status", "accepted",
                                      "justification", report_cut(finding_why(finding), 4096)));
}

/* Section 3.27.24. */
static const char *state_of(const json_t *finding)
{
    bool resolved = verdict_mark(finding) == MARK_RESOLVED;
    return resolved ? "absent" : verdict_mark_name(verdict_mark(finding));
}

static json_t *result_of(const json_t *finding, size_t rule)
{
    const char *kind = kind_of(finding);
    bool failed = strcmp(kind, "fail") == 0;
    char fingerprint[65];
    struct buf text;
    buf_init(&text, REPORT_TEXT_MAX);
    report_sentence(&text, finding);
    report_fingerprint(finding, fingerprint);
    json_t *result = json_pack(
        "{s:O, s:I, s:s, s:s, s:{s:s}, s:[o], s:{s:s, s:s}, s:O}", "ruleId",
        json_object_get(finding, "check"), "ruleIndex", (json_int_t)rule, "kind", kind, "level",
        failed ? levels[severity_rank(finding_get(finding, "severity"))] : "none", "message",
        "text", buf_text(&text), "locations", location_of(finding), "partialFingerprints",
        "engineFinding/v1", fingerprint, "primaryLocationLineHash", fingerprint, "properties",
        finding);
    add_suppression(result, finding);
    if (verdict_mark(finding) != MARK_NONE)
        json_object_set_new(result, "baselineState", json_string(state_of(finding)));
    buf_clear(&text);
    return result;
}

static void sarif_add(struct report *report, const json_t *finding)
{
    json_t *result = result_of(finding, rule_index(report, finding));
    report_puts(report, report->written > 0 ? ",\n" : "\n");
    report_write_json(report, result, "");
    json_decref(result);
}

static const char *notice_of(const json_t *entry)
{
    const char *kind = json_get_string(entry, "kind", "");
    if (strcmp(kind, "account") == 0)
        return FINDING_ENTERED;
    return strcmp(kind, "unlisted") == 0 ? "place.listed" : FINDING_RUN_COMPLETE;
}

static void copy_text(json_t *to, const char *name, const json_t *from, const char *key)
{
    json_t *value = json_object_get(from, key);
    if (value != NULL)
        json_object_set(to, name, value);
}

/* Sections 3.20.6 to 3.20.8 and 3.8. */
static void add_scope(json_t *invocation, json_t *scope)
{
    if (scope == NULL)
        return;
    copy_text(invocation, "startTimeUtc", scope, "began");
    copy_text(invocation, "endTimeUtc", scope, "ended");
    copy_text(invocation, "account", json_object_get(scope, "caller"), "arn");
    json_object_set_new(invocation, "properties", json_pack("{s:O}", "scope", scope));
}

/* Section 3.20: a run with missing parts was not successful, and notifications say why. */
static json_t *invocation_of(const struct report *report)
{
    size_t i;
    json_t *entry;
    json_t *notices = json_array();
    json_array_foreach (report->missing, i, entry) {
        struct buf text;
        buf_init(&text, REPORT_TEXT_MAX);
        missing_text(entry, &text);
        json_array_append_new(notices, json_pack("{s:s, s:{s:s}, s:{s:s}}", "level", "error",
                                                 "message", "text", buf_text(&text), "descriptor",
                                                 "id", notice_of(entry)));
        buf_clear(&text);
    }
    bool whole = json_array_size(notices) == 0;
    json_t *invocation = json_pack("{s:b}", "executionSuccessful", whole);
    if (!whole)
        json_object_set(invocation, "toolExecutionNotifications", notices);
    json_decref(notices);
    add_scope(invocation, report->scope);
    return invocation;
}

static void sarif_end(struct report *report)
{
    json_t *invocation = invocation_of(report);
    report_puts(report, "\n],\"invocations\":[");
    report_write_json(report, invocation, "]");
    json_decref(invocation);
    json_t *tool =
        json_pack("{s:{s:s, s:s, s:s, s:O}}", "driver", "name", "engine", "version", ENGINE_VERSION,
                  "semanticVersion", ENGINE_VERSION, "rules", report->kept);
    report_puts(report, ",\"tool\":");
    report_write_json(report, tool, "}]}\n");
    json_decref(tool);
}

/* Code scanning of GitHub opens an alert for each result, whatever its kind is. */
const struct report_format report_sarif = {
    .begin = sarif_begin, .add = sarif_add, .end = sarif_end, .left = true, .scope = true};
