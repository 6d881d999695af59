#include "testing/test_case.h"

#include <string.h>

#include "base/mem.h"
#include "journal/journal_result.h"
#include "policy/finding.h"
#include "testing/difference.h"
#include "testing/inverses.h"
#include "testing/promises.h"
#include "testing/tagged.h"
#include "value/json.h"

struct case_run {
    struct test_world *world;
    const json_t *item;
    struct test_outcome *outcome;
    const char *id;
    json_t *findings; /* of the audit */
    size_t refused;   /* number of reads that were refused in turn */
    bool repaired, undone;
};

/* Takes ownership of the text. */
static void fail(struct test_outcome *outcome, char *text)
{
    text_list_add(&outcome->failures, text);
    mem_free(text);
}

static void fail_with(struct test_outcome *outcome, const char *when, const struct err *err)
{
    fail(outcome, mem_printf("%s: %s", when, err->message));
}

static void add_problems(struct case_run *run, const char *when)
{
    const struct text_list *problems = &run->world->canned.problems;
    for (size_t i = 0; i < problems->count; i++)
        fail(run->outcome, mem_printf("%s: %s", when, problems->items[i]));
}

static void cover(const struct case_run *run, const char *check, const char *what)
{
    json_t *counts = json_object_get(run->outcome->coverage, check);
    if (counts == NULL)
        return;
    json_object_set_new(counts, what, json_integer(json_get_integer(counts, what, 0) + 1));
}

/* ---- findings ---- */

static const json_t *finding_of(const json_t *findings, const char *check)
{
    size_t i;
    json_t *finding;
    json_array_foreach (findings, i, finding) {
        if (strcmp(finding_get(finding, "check"), check) == 0)
            return finding;
    }
    return NULL;
}

/* A check that does not apply has no finding. */
static const char *status_in(const json_t *findings, const char *check)
{
    const json_t *finding = finding_of(findings, check);
    return finding != NULL ? finding_get(finding, "status") : verdict_status_name(STATUS_SKIPPED);
}

/* " (why)", from whatever the finding says about it. mem_free. */
static char *reason_of(const json_t *finding)
{
    const char *text = json_get_string(json_object_get(finding, "error"), "message", "");
    if (text[0] == '\0')
        text = finding_get(finding, "held");
    if (text[0] == '\0')
        text = finding_get(finding, "summary");
    return text[0] != '\0' ? mem_printf(" (%s)", text) : mem_strdup("");
}

static void fail_difference(struct case_run *run, const char *when, const char *check,
                            const char *expected, const char *found, const json_t *finding)
{
    char *reason = reason_of(finding);
    fail(run->outcome,
         mem_printf("%s%s: expected %s, found %s%s", when, check, expected, found, reason));
    mem_free(reason);
}

/* ---- the audit ---- */

/* The status that the test expects of a check: compliant where it says nothing. */
static const char *expected_status(const json_t *item, const char *check)
{
    const json_t *expect = json_object_get(item, "expect");
    if (json_is_string(expect))
        return json_string_value(expect);
    const json_t *one = json_object_get(expect, check);
    if (json_is_string(one))
        return json_string_value(one);
    return json_get_string(one, "status", verdict_status_name(STATUS_COMPLIANT));
}

static void compare_summary(struct case_run *run, const char *check, const json_t *finding)
{
    const json_t *expect = json_object_get(json_object_get(run->item, "expect"), check);
    const char *wanted = json_get_string(expect, "summary", "");
    const char *found = finding_get(finding, "summary");
    if (strstr(found, wanted) == NULL)
        fail(run->outcome,
             mem_printf("%s: expected a summary with \"%s\", found \"%s\"", check, wanted, found));
}

static void compare_check(struct case_run *run, const char *check)
{
    const json_t *finding = finding_of(run->findings, check);
    const char *expected = expected_status(run->item, check);
    const char *found = status_in(run->findings, check);
    cover(run, check, found);
    if (strcmp(expected, found) != 0)
        fail_difference(run, "", check, expected, found, finding);
    else
        compare_summary(run, check, finding);
}

static const json_t *checks_of(const struct case_run *run)
{
    return json_object_get(run->world->policy->meta, "checks");
}

static void compare_audit(struct case_run *run)
{
    size_t i;
    json_t *check;
    json_array_foreach (checks_of(run), i, check)
        compare_check(run, json_get_string(check, "id", ""));
}

/* ---- refused reads ---- */

/* A verdict may stay as it was, if it did not depend on that read; otherwise it is unknown. */
static void compare_refused(struct case_run *run, const char *operation, const json_t *findings)
{
    size_t i;
    json_t *entry;
    const char *unknown = verdict_status_name(STATUS_UNKNOWN);
    char *when = mem_printf("when %s is refused: ", operation);
    json_array_foreach (checks_of(run), i, entry) {
        const char *check = json_get_string(entry, "id", "");
        const char *before = status_in(run->findings, check);
        const char *found = status_in(findings, check);
        if (strcmp(found, unknown) == 0)
            cover(run, check, found);
        else if (strcmp(found, before) != 0)
            fail_difference(run, when, check, unknown, found, finding_of(findings, check));
    }
    mem_free(when);
}

static void refuse_one(struct case_run *run, const char *operation)
{
    struct err err = {0};
    json_t *findings = test_world_run(run->world, run->id, RUN_AUDIT, operation, &err);
    if (findings == NULL)
        fail_with(run->outcome, "with a refused read", &err);
    else
        compare_refused(run, operation, findings);
    json_decref(findings);
    run->refused++;
}

/* Each read that the audit made is refused in turn. */
static void refuse_reads(struct case_run *run, json_t *called)
{
    const char *operation;
    json_t *value;
    json_object_foreach (called, operation, value) {
        if (strncmp(operation, "sts:", 4) != 0)
            refuse_one(run, operation);
    }
}

/* ---- repair and undo ---- */

static bool wants_repair(const struct case_run *run)
{
    return json_object_get(run->item, "changes") != NULL ||
           json_object_get(run->item, "repaired") != NULL;
}

static const char *expected_remediation(const struct case_run *run, const json_t *check)
{
    const char *id = json_get_string(check, "id", "");
    const char *given = json_get_string(json_object_get(run->item, "repaired"), id, NULL);
    if (given != NULL)
        return given;
    bool bad = verdict_status_parse(expected_status(run->item, id)) == STATUS_NON_COMPLIANT;
    return verdict_remediation_name(bad && json_get_bool(check, "fix", false) ? REMEDIATION_FIXED
                                                                              : REMEDIATION_NONE);
}

/* A change that was made and does not help stays planned, because AWS may show it later. */
static char *describe_remediation(const struct case_run *run, enum verdict_remediation became)
{
    const char *name = verdict_remediation_name(became);
    size_t made = run->world->canned.made;
    if (became != REMEDIATION_PLANNED || made == 0)
        return mem_strdup(name);
    return mem_printf("%s: with the replies of changes[%zu] the check still does not pass", name,
                      made);
}

static void compare_repair(struct case_run *run, const json_t *findings)
{
    size_t i;
    json_t *check;
    json_array_foreach (checks_of(run), i, check) {
        const char *id = json_get_string(check, "id", "");
        const json_t *finding = finding_of(findings, id);
        const char *expected = expected_remediation(run, check);
        enum verdict_remediation became = verdict_remediation(finding);
        char *found = describe_remediation(run, became);
        if (strcmp(expected, verdict_remediation_name(became)) != 0)
            fail_difference(run, "repair: ", id, expected, found, finding);
        else if (became == REMEDIATION_FIXED)
            cover(run, id, found);
        mem_free(found);
    }
}

static void compare_made(struct case_run *run)
{
    size_t expected = json_array_size(json_object_get(run->item, "changes"));
    for (size_t i = run->world->canned.made; i < expected; i++)
        fail(run->outcome, mem_printf("repair: changes[%zu] was not made", i + 1));
}

static void repair(struct case_run *run)
{
    struct err err = {0};
    json_t *findings = test_world_run(run->world, run->id, RUN_CHANGE, NULL, &err);
    if (findings == NULL) {
        fail_with(run->outcome, "repair", &err);
        return;
    }
    add_problems(run, "repair");
    if (run->outcome->failures.count == 0)
        compare_repair(run, findings);
    if (run->outcome->failures.count == 0)
        compare_made(run);
    json_object_update(run->outcome->called, run->world->canned.called);
    json_decref(findings);
    run->repaired = run->world->canned.made > 0;
    if (run->repaired && run->outcome->failures.count == 0)
        promises_compare(run->world, &run->outcome->failures);
}

/* Does each change of the case have an inverse? */
static bool is_reversible(const struct case_run *run)
{
    size_t i;
    json_t *change;
    json_array_foreach (json_object_get(run->item, "changes"), i, change) {
        if (json_object_get(change, "undo") == NULL)
            return false;
    }
    return true;
}

static void undo(struct case_run *run)
{
    struct err err = {0};
    size_t i;
    json_t *result;
    json_t *results = test_world_undo(run->world, &err);
    if (results == NULL)
        fail_with(run->outcome, "undo", &err);
    add_problems(run, "undo");
    json_array_foreach (results, i, result) {
        if (journal_result(result) != JOURNAL_UNDONE)
            fail(run->outcome, mem_printf("undo: %s: the change became %s (%s)",
                                          json_get_string(result, "check", ""),
                                          json_get_string(result, "result", ""),
                                          json_get_string(result, "why", "")));
    }
    if (run->world->canned.made > 0 && run->outcome->failures.count == 0)
        fail(run->outcome,
             mem_printf("undo: changes[%zu] was not undone", run->world->canned.made));
    json_object_update(run->outcome->called, run->world->canned.called);
    json_decref(results);
    run->undone = true;
}

/* ---- cases ---- */

static void audit(struct case_run *run)
{
    struct err err = {0};
    run->findings = test_world_run(run->world, run->id, RUN_AUDIT, NULL, &err);
    if (run->findings == NULL) {
        fail_with(run->outcome, "audit", &err);
        return;
    }
    add_problems(run, "audit");
    if (run->outcome->failures.count == 0)
        compare_audit(run);
    json_object_update(run->outcome->called, run->world->canned.called);
    tagged_compare(run->world, run->item, run->outcome->called, &run->outcome->failures);
}

static void run_case(struct case_run *run)
{
    audit(run);
    if (run->outcome->failures.count > 0)
        return;
    json_t *called = json_deep_copy(run->world->canned.called);
    refuse_reads(run, called);
    json_decref(called);
    if (wants_repair(run))
        repair(run);
    if (!run->repaired || run->outcome->failures.count > 0)
        return;
    if (is_reversible(run))
        undo(run);
    else
        inverses_compare(run->world, json_object_get(run->item, "changes"),
                         &run->outcome->failures);
}

void test_case(struct test_world *world, const json_t *item, struct test_outcome *outcome)
{
    struct err err = {0};
    struct case_run run = {
        .world = world, .item = item, .outcome = outcome, .id = json_get_string(item, "id", "")};
    if (test_world_begin(world, item, &err) == 0)
        run_case(&run);
    else
        fail_with(outcome, "the case cannot begin", &err);
    outcome->did =
        mem_printf("%zu %s refused%s%s", run.refused, run.refused == 1 ? "read" : "reads",
                   run.repaired ? ", repaired" : "", run.undone ? ", undone" : "");
    json_decref(run.findings);
    test_world_end(world);
}

void test_listing(struct test_world *world, const json_t *item, struct test_outcome *outcome)
{
    struct err err = {0};
    json_t *found = NULL;
    if (test_world_begin(world, item, &err) == 0)
        found = test_world_list(world, &err);
    if (found != NULL)
        difference("ids", json_object_get(item, "ids"), found, &outcome->failures);
    else
        fail_with(outcome, "listing", &err);
    for (size_t i = 0; i < world->canned.problems.count; i++)
        text_list_add(&outcome->failures, world->canned.problems.items[i]);
    outcome->did = mem_printf("listed %zu", json_array_size(found));
    json_object_update(outcome->called, world->canned.called);
    json_decref(found);
    test_world_end(world);
}

/* Ids as strings, where there is nothing but the id. */
static json_t *plain_ids(const json_t *found)
{
    size_t i;
    json_t *entry;
    json_t *ids = json_array();
    json_array_foreach (found, i, entry) {
        json_t *copy = json_deep_copy(entry);
        if (json_get_integer(copy, "delay", 0) == 0)
            json_object_del(copy, "delay");
        bool plain = json_object_size(copy) == 1;
        json_array_append(ids, plain ? json_object_get(copy, "id") : copy);
        json_decref(copy);
    }
    return ids;
}

void test_event(struct test_world *world, const json_t *item, struct test_outcome *outcome)
{
    struct err err = {0};
    struct evaluator *evaluator = world->evaluator;
    json_t *found =
        evaluator->event_ids(evaluator->self, world->policy, json_get_string(item, "event", ""),
                             json_object_get(item, "detail"), NULL, &err);
    json_t *ids = found != NULL ? plain_ids(found) : NULL;
    if (ids != NULL)
        difference("ids", json_object_get(item, "ids"), ids, &outcome->failures);
    else
        fail_with(outcome, "event", &err);
    outcome->did = mem_strdup("event");
    json_decref(ids);
    json_decref(found);
}
