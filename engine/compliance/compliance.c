#include "compliance/compliance.h"

#include <string.h>

#include "base/mem.h"
#include "compliance/framework.h"
#include "policy/finding.h"
#include "policy/finding_entry.h"
#include "policy/selection.h"
#include "policy/verdict.h"
#include "value/json.h"

#define NEAR " ~"

struct compliance {
    char *name;
    json_t *framework;
    json_t *checks;  /* CHECK: the controls that it covers, near ones with NEAR */
    json_t *titles;  /* CHECK: its title */
    json_t *tallies; /* CONTROL: {"checks":[…],"exact":true,"equal":{ENTRY:true},"partly":true,
                        "passed",…: counts} */
    bool incomplete;
    json_t *given; /* the result of an earlier run, which counts nothing; or NULL */
};

static const char *const counts[] = {"passed", "failed", "unknown", "exempt"};
enum count { PASSED, FAILED, UNKNOWN, EXEMPT, COUNTS };

static json_t *member(json_t *object, const char *key, json_t *(*make)(void))
{
    json_t *value = json_object_get(object, key);
    if (value == NULL) {
        value = make();
        json_object_set_new_nocheck(object, key, value);
    }
    return value;
}

static bool is_near(const char *name)
{
    size_t length = strlen(name), tail = strlen(NEAR);
    return length > tail && strcmp(name + length - tail, NEAR) == 0;
}

static char *exact_name(const char *name)
{
    return mem_strndup(name, strlen(name) - (is_near(name) ? strlen(NEAR) : 0));
}

/* ---- which check covers which control ---- */

static void add_cover(struct compliance *compliance, const char *control, const char *check,
                      bool near)
{
    json_t *tally = json_object_get(compliance->tallies, control);
    if (tally == NULL)
        return;
    json_t *covered = member(compliance->checks, check, json_object);
    bool known = json_object_get(covered, control) != NULL;
    bool exact = !near || json_is_true(json_object_get(covered, control));
    json_object_set_new_nocheck(covered, control, json_boolean(exact));
    if (!known)
        json_array_append_new(json_object_get(tally, "checks"), json_string_nocheck(check));
}

/* A check equals this entry of the control's list in the framework's file. */
static void add_equal(struct compliance *compliance, const char *control, const char *entry)
{
    json_t *tally = json_object_get(compliance->tallies, control);
    json_object_set_new_nocheck(member(tally, "equal", json_object), entry, json_true());
}

/* Adds the controls that the framework's file lists for a control of Security Hub, or for a
 * check. */
static void add_named(struct compliance *compliance, const char *name, const char *check, bool near)
{
    const char *control;
    json_t *list, *entry;
    size_t i;
    json_object_foreach (json_object_get(compliance->framework, "controls"), control, list) {
        json_array_foreach (list, i, entry) {
            char *exact = exact_name(json_string_value(entry));
            bool named = strcmp(exact, name) == 0;
            bool similar = near || is_near(json_string_value(entry));
            if (named)
                add_cover(compliance, control, check, similar);
            if (named && !similar)
                add_equal(compliance, control, exact);
            mem_free(exact);
        }
    }
}

/* The check itself names the framework's control. */
static void add_declared(struct compliance *compliance, const char *name, const char *check)
{
    char *exact = exact_name(name);
    json_t *tally = json_object_get(compliance->tallies, exact);
    add_cover(compliance, exact, check, is_near(name));
    if (tally != NULL && !is_near(name))
        json_object_set_new(tally, "exact", json_true());
    mem_free(exact);
}

static void add_check(struct compliance *compliance, const json_t *meta)
{
    size_t i;
    json_t *entry;
    const char *check = json_get_string(meta, "id", "");
    const json_t *controls = json_object_get(meta, "controls");
    const char *declared = json_get_string(compliance->framework, "declared", "");
    json_object_set(compliance->titles, check, json_object_get(meta, "title"));
    add_named(compliance, check, check, false);
    json_array_foreach (json_object_get(controls, "securityhub"), i, entry) {
        char *exact = exact_name(json_string_value(entry));
        add_named(compliance, exact, check, is_near(json_string_value(entry)));
        mem_free(exact);
    }
    json_array_foreach (json_object_get(controls, declared), i, entry)
        add_declared(compliance, json_string_value(entry), check);
}

static void add_checks(struct compliance *compliance, struct evaluator *evaluator)
{
    size_t count, at;
    json_t *meta;
    const struct policy *const *all = evaluator->all(evaluator->self, &count);
    for (size_t i = 0; i < count; i++) {
        json_array_foreach (json_object_get(all[i]->meta, "checks"), at, meta)
            add_check(compliance, meta);
    }
}

static void add_tallies(struct compliance *compliance)
{
    const char *control;
    json_t *list;
    json_object_foreach (json_object_get(compliance->framework, "controls"), control, list)
        json_object_set_new_nocheck(compliance->tallies, control, json_pack("{s:[]}", "checks"));
}

struct compliance *compliance_open(const struct text_list *folders, const char *name,
                                   struct evaluator *evaluator, struct err *err)
{
    json_t *framework = framework_read(folders, name, err);
    if (framework == NULL)
        return NULL;
    struct compliance *compliance = mem_alloc(sizeof *compliance);
    *compliance = (struct compliance){.name = mem_strdup(name),
                                      .framework = framework,
                                      .checks = json_object(),
                                      .titles = json_object(),
                                      .tallies = json_object()};
    add_tallies(compliance);
    add_checks(compliance, evaluator);
    return compliance;
}

static bool names_type(const struct text_list *types, struct evaluator *evaluator,
                       const struct policy *policy)
{
    for (size_t i = 0; i < types->count; i++) {
        if (evaluator->find(evaluator->self, types->items[i]) == policy)
            return true;
    }
    return types->count == 0;
}

static void leave_out(struct compliance *compliance, const char *check)
{
    const char *control;
    json_t *exact;
    json_object_foreach (json_object_get(compliance->checks, check), control, exact)
        json_object_set_new(json_object_get(compliance->tallies, control), "partly", json_true());
}

void compliance_select(struct compliance *compliance, struct evaluator *evaluator,
                       const json_t *selected, const struct text_list *types)
{
    size_t count, at;
    json_t *meta;
    const struct policy *const *all = evaluator->all(evaluator->self, &count);
    for (size_t i = 0; i < count; i++) {
        bool named = names_type(types, evaluator, all[i]);
        json_array_foreach (json_object_get(all[i]->meta, "checks"), at, meta) {
            const char *check = json_get_string(meta, "id", "");
            if (!named || !selection_has(selected, check))
                leave_out(compliance, check);
        }
    }
}

void compliance_free(struct compliance *compliance)
{
    if (compliance == NULL)
        return;
    json_decref(compliance->framework);
    json_decref(compliance->checks);
    json_decref(compliance->titles);
    json_decref(compliance->tallies);
    json_decref(compliance->given);
    mem_free(compliance->name);
    mem_free(compliance);
}

struct compliance *compliance_given(json_t *result)
{
    struct compliance *compliance = mem_alloc(sizeof *compliance);
    compliance->given = json_incref(result);
    return compliance;
}

/* Is the control met if its checks pass? Not if its framework is wider than any check, or if no
 * check equals a part of it. */
static bool is_provable(const struct compliance *compliance, const char *control)
{
    const json_t *tally = json_object_get(compliance->tallies, control);
    const json_t *parts =
        json_object_get(json_object_get(compliance->framework, "controls"), control);
    if (json_is_true(json_object_get(compliance->framework, "near")))
        return false;
    if (json_object_get(tally, "exact") != NULL)
        return true;
    size_t equal = json_object_size(json_object_get(tally, "equal"));
    return equal > 0 && equal == json_array_size(parts);
}

void compliance_name(const struct compliance *compliance, json_t *finding)
{
    const char *control;
    json_t *exact;
    json_t *ids = json_array();
    json_t *covered = json_object_get(compliance->checks, finding_get(finding, "check"));
    json_object_foreach (covered, control, exact) {
        bool equal = json_is_true(exact) && is_provable(compliance, control);
        char *id = mem_printf("%s%s", control, equal ? "" : NEAR);
        json_array_append_new(ids, json_string_nocheck(id));
        mem_free(id);
    }
    if (json_array_size(ids) > 0) {
        /* A copy: all findings of the check, and its policy, share the object. */
        json_t *controls = json_copy(json_object_get(finding, "controls"));
        json_object_set(controls, compliance->name, ids);
        json_object_set_new(finding, "controls", controls);
    }
    json_decref(ids);
}

/* ---- the counts ---- */

static enum count count_of(const json_t *finding)
{
    switch (verdict_status(finding)) {
    case STATUS_COMPLIANT: return PASSED;
    case STATUS_NON_COMPLIANT:
        return verdict_remediation(finding) == REMEDIATION_FIXED ? PASSED : FAILED;
    case STATUS_EXEMPT: return EXEMPT;
    case STATUS_GONE: return COUNTS;
    default: return UNKNOWN;
    }
}

static void count_control(struct compliance *compliance, const char *control, enum count count)
{
    json_t *tally = json_object_get(compliance->tallies, control);
    json_int_t before = json_get_integer(tally, counts[count], 0);
    json_object_set_new(tally, counts[count], json_integer(before + 1));
}

/* Controls that a check of this type covers; NULL: of any type. */
static void count_type(struct compliance *compliance, const char *type)
{
    const char *check, *control;
    json_t *covered, *exact;
    size_t length = type != NULL ? strlen(type) : 0;
    json_object_foreach (compliance->checks, check, covered) {
        if (type != NULL && (strncmp(check, type, length) != 0 || check[length] != '.'))
            continue;
        json_object_foreach (covered, control, exact)
            count_control(compliance, control, UNKNOWN);
    }
}

void compliance_count(struct compliance *compliance, const json_t *finding)
{
    const char *control;
    json_t *exact;
    enum count count = count_of(finding);
    if (compliance->given != NULL)
        return;
    if (strcmp(finding_get(finding, "check"), FINDING_RUN_COMPLETE) == 0)
        compliance->incomplete = true;
    bool entry = strcmp(finding_get(finding, "check"), FINDING_ENTERED) == 0;
    if (strcmp(finding_get(finding, "id"), "*") == 0 && count == UNKNOWN)
        count_type(compliance, entry ? NULL : finding_get(finding, "type"));
    json_t *covered = json_object_get(compliance->checks, finding_get(finding, "check"));
    json_object_foreach (covered, control, exact) {
        if (count != COUNTS)
            count_control(compliance, control, count);
    }
}

static bool has(const json_t *tally, enum count count)
{
    return json_get_integer(tally, counts[count], 0) > 0;
}

static const char *status_of(const struct compliance *compliance, const json_t *tally)
{
    if (json_array_size(json_object_get(tally, "checks")) == 0)
        return "not_covered";
    if (has(tally, FAILED))
        return counts[FAILED];
    if (has(tally, UNKNOWN) || compliance->incomplete)
        return counts[UNKNOWN];
    /* The checks that were left out might have failed. */
    if (json_object_get(tally, "partly") != NULL)
        return "not_audited";
    if (has(tally, EXEMPT))
        return counts[EXEMPT];
    return has(tally, PASSED) ? counts[PASSED] : "not_audited";
}

/* The title of each check that covers something. */
static json_t *titles_of(const struct compliance *compliance)
{
    const char *check;
    json_t *controls;
    json_t *titles = json_object();
    json_object_foreach (compliance->checks, check, controls)
        json_object_set(titles, check, json_object_get(compliance->titles, check));
    return titles;
}

/* `status`: of a run; NULL: without one. */
static json_t *coverage_of(const struct compliance *compliance, const char *control,
                           const json_t *tally, const char *status)
{
    json_t *checks = json_object_get(tally, "checks");
    json_t *coverage =
        json_pack("{s:s, s:s*, s:O}", "id", control, "status", status, "checks", checks);
    if (json_array_size(checks) > 0 && !is_provable(compliance, control))
        json_object_set_new(coverage, "near", json_true());
    return coverage;
}

static json_t *result_of(const struct compliance *compliance, const char *control,
                         const json_t *tally)
{
    json_t *result = coverage_of(compliance, control, tally, status_of(compliance, tally));
    bool covered = json_array_size(json_object_get(tally, "checks")) > 0;
    for (int i = 0; covered && i < COUNTS; i++)
        json_object_set_new(result, counts[i], json_integer(json_get_integer(tally, counts[i], 0)));
    return result;
}

json_t *compliance_result(const struct compliance *compliance)
{
    const char *control;
    json_t *tally;
    if (compliance->given != NULL)
        return json_incref(compliance->given);
    json_t *list = json_array(), *statuses = json_object();
    json_object_foreach (compliance->tallies, control, tally) {
        const char *status = status_of(compliance, tally);
        json_array_append_new(list, result_of(compliance, control, tally));
        json_object_set_new(statuses, status,
                            json_integer(json_get_integer(statuses, status, 0) + 1));
    }
    return json_pack("{s:s, s:O, s:O, s:o, s:o, s:o}", "framework", compliance->name, "title",
                     json_object_get(compliance->framework, "title"), "sources",
                     json_object_get(compliance->framework, "sources"), "statuses", statuses,
                     "titles", titles_of(compliance), "controls", list);
}

json_t *compliance_coverage(const struct compliance *compliance)
{
    const char *control;
    json_t *tally;
    json_t *list = json_array();
    const json_t *framework = compliance->framework;
    json_object_foreach (compliance->tallies, control, tally)
        json_array_append_new(list, coverage_of(compliance, control, tally, NULL));
    return json_pack("{s:s, s:O, s:O, s:o, s:O*}", "framework", compliance->name, "title",
                     json_object_get(framework, "title"), "sources",
                     json_object_get(framework, "sources"), "controls", list, "declared",
                     json_object_get(framework, "declared"));
}
