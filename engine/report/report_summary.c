#include "report/report_summary.h"

#include <string.h>

#include "base/mem.h"
#include "policy/finding.h"
#include "report/report_escape.h"
#include "report/report_internal.h"
#include "report/report_summary_text.h"
#include "report/report_totals.h"
#include "value/json.h"

#define MOST_CAUSES 20
#define WHY_MAX 1024

/* report->kept: what report_summary_text.h describes. */
static void summary_begin(struct report *report)
{
    json_decref(report->kept);
    report->kept = json_pack("{s:{}, s:{}, s:{}, s:{}}", "types", "impacts", "checks", "causes");
}

static json_t *member(json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    if (value == NULL) {
        value = json_object();
        json_object_set_new_nocheck(object, key, value);
    }
    return value;
}

static void count(json_t *object, const char *key)
{
    json_object_set_new_nocheck(object, key, json_integer(json_get_integer(object, key, 0) + 1));
}

static bool is_unsure(enum total total)
{
    return total == TOTAL_UNKNOWN || total == TOTAL_PENDING || total == TOTAL_FAILED;
}

/* The code of the error and the operation: messages contain the name of the resource. */
static char *key_of(const json_t *error, const char *why)
{
    const char *code = json_get_string(error, "code", NULL);
    if (code == NULL)
        return mem_strdup(why);
    return mem_printf("%s %s", code, json_get_string(error, "operation", ""));
}

static void describe(json_t *cause, const json_t *error, const char *why)
{
    const char *code = json_get_string(error, "code", "");
    bool named = code[0] == '\0' || strstr(why, code) != NULL;
    char *text = mem_printf("%s%s%s", named ? "" : code, named ? "" : ": ", why);
    json_object_set_new(cause, "why", report_cut(text, WHY_MAX));
    mem_free(text);
}

/* The findings of a resource follow one another. */
static void count_resource(struct report *report, json_t *cause, const json_t *finding)
{
    json_int_t who = (json_int_t)report->totals.last;
    json_object_set_new_nocheck(member(cause, "accounts"), finding_get(finding, "account"),
                                json_true());
    if (json_get_integer(cause, "last", ~who) == who)
        return;
    json_object_set_new(cause, "last", json_integer(who));
    count(cause, "resources");
}

static void count_cause(struct report *report, const json_t *finding)
{
    const json_t *error = json_object_get(finding, "error");
    json_t *causes = json_object_get(report->kept, "causes");
    const char *why = json_get_string(error, "message", finding_get(finding, "summary"));
    char *key = key_of(error, why);
    json_t *cause = json_object_get(causes, key);
    if (cause == NULL && json_object_size(causes) >= MOST_CAUSES) {
        cause = member(causes, "");
        json_object_set_new(cause, "why", json_string("other reasons"));
    } else if (cause == NULL) {
        cause = member(causes, key);
        describe(cause, error, why);
    }
    count_resource(report, cause, finding);
    mem_free(key);
}

static void count_impact(struct report *report, const json_t *finding, enum total total)
{
    const char *impact = finding_get(finding, "impact");
    json_t *impacts = json_object_get(report->kept, "impacts");
    if (total == TOTAL_AVAILABLE || total == TOTAL_PLANNED || total == TOTAL_HELD)
        count(member(impacts, impact[0] != '\0' ? impact : SUMMARY_NO_IMPACT),
              total == TOTAL_HELD ? "held" : "ready");
}

static void count_check(struct report *report, const json_t *finding)
{
    json_t *check = member(json_object_get(report->kept, "checks"), finding_get(finding, "check"));
    json_object_set_new(check, "rank",
                        json_integer(severity_rank(finding_get(finding, "severity"))));
    count(check, "count");
}

static json_t *row_of(struct report *report, const json_t *finding)
{
    return member(json_object_get(report->kept, "types"), finding_get(finding, "type"));
}

/* What is missing is shown below; of it, a place that could not be listed also counts for its
 * type. */
static void count_missing(struct report *report, const json_t *finding)
{
    const char *dot = strrchr(finding_get(finding, "check"), '.');
    if (dot != NULL && strcmp(dot, ".listed") == 0 && is_unsure(total_of(finding)))
        count(row_of(report, finding), "unknown");
}

static void summary_add(struct report *report, const json_t *finding)
{
    enum total total = total_of(finding);
    if (strcmp(finding_get(finding, "id"), "*") == 0) {
        count_missing(report, finding);
        return;
    }
    if (!is_unsure(total) && total >= TOTAL_FIXED)
        return;
    json_t *row = row_of(report, finding);
    if (is_unsure(total)) {
        count(row, "unknown");
        count_cause(report, finding);
        return;
    }
    int rank = severity_rank(finding_get(finding, "severity"));
    count(row, summary_severities[rank < 4 ? rank : 3]);
    count_impact(report, finding, total);
    count_check(report, finding);
}

const struct report_format report_summary = {
    .begin = summary_begin, .add = summary_add, .end = summary_text, .scope = true, .sums = true};
