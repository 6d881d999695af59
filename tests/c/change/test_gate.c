/* The gate: what happens to a repair whose effect does not show, and to one that an exception
 * exempts meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/mem.h"
#include "change/gate_internal.h"
#include "support/run_world.h"
#include "value/json.h"

#define TWO_BAD RUN_WORLD_BAD("sqs.public", "e") "," RUN_WORLD_GOOD("sqs.shared")
#define GOOD_STATE(digest)                                                                         \
    RUN_WORLD_OK(digest, RUN_WORLD_GOOD("sqs.public") "," RUN_WORLD_GOOD("sqs.shared"))
#define DAYS_S 86400

static char queue_url[] = "https://sqs.us-east-1.amazonaws.com/111122223333/later";

static void silence(enum log_level level, const char *line)
{
    (void)level, (void)line;
}

static int set_up(void **state)
{
    log_set_sink(silence);
    run_world_set_up(state);
    run_world.settings.verify_s = 60 * DAYS_S;
    return 0;
}

static int tear_down(void **state)
{
    log_set_sink(NULL);
    return run_world_tear_down(state);
}

/* The number of requests for the operation. */
static int count(const char *operation)
{
    int found = 0;
    for (size_t i = 0; i < fake_aws.count; i++)
        found += strstr(fake_aws.requests[i].target, operation) != NULL;
    return found;
}

static void says(const char *check, const char *status, const char *remediation)
{
    assert_string_equal(run_world_says(check, "status"), status);
    assert_string_equal(run_world_says(check, "remediation"), remediation);
}

static const char *error_of(const char *check)
{
    size_t i;
    json_t *finding;
    json_array_foreach (run_world.findings, i, finding) {
        if (strcmp(json_get_string(finding, "check", ""), check) == 0)
            return json_get_string(json_object_get(finding, "error"), "message", "");
    }
    return "";
}

/* The state as it was found, as it is read again before the change, and from then on. */
static void repair(const char *after)
{
    run_world_answer(RUN_WORLD_OK("d1", TWO_BAD));
    run_world_answer(RUN_WORLD_OK("d1", TWO_BAD));
    run_world_answer(after);
    run_world_run(RUN_CHANGE, "");
}

static void a_change_that_shows_late_is_fixed(void **state)
{
    (void)state;
    run_world_answer(RUN_WORLD_OK("d1", TWO_BAD));
    run_world_answer(RUN_WORLD_OK("d1", TWO_BAD));
    run_world_answer(RUN_WORLD_OK("d1", TWO_BAD));
    run_world_answer(RUN_WORLD_LATER("300"));
    run_world_answer(GOOD_STATE("d2"));
    run_world_run(RUN_CHANGE, "");
    says("sqs.public", "non_compliant", "fixed");
    assert_int_equal(run_world.status, 0);
    assert_int_equal(run_world.audits, 5);
    assert_int_equal(count("SetQueueAttributes"), 1);
}

/* What was wrong is not what is reported. */
static void corrected_by_others_is_over(void **state)
{
    (void)state;
    run_world_answer(RUN_WORLD_OK("d1", TWO_BAD));
    run_world_answer(GOOD_STATE("d2"));
    run_world_run(RUN_CHANGE, "");
    says("sqs.public", "compliant", "none");
    assert_non_null(strstr(run_world_says("sqs.public", "summary"), "no call was needed"));
}

static void in_transition_is_pending(void **state)
{
    (void)state;
    run_world.settings.sqs_queue = queue_url;
    repair(RUN_WORLD_LATER("300"));
    says("sqs.public", "pending", "planned");
    assert_string_equal(error_of("sqs.public"), "");
    assert_int_equal(run_world.status, 1);
    assert_true(run_world.audits > 4);
    assert_int_equal(count("SetQueueAttributes"), 1);
    assert_int_equal(count("SendMessageBatch"), 1);
}

static void as_before_is_pending(void **state)
{
    (void)state;
    repair(RUN_WORLD_OK("d1", TWO_BAD));
    says("sqs.public", "pending", "planned");
    assert_int_equal(run_world.status, 1);
    assert_int_equal(count("SetQueueAttributes"), 1);
    assert_int_equal(count("SendMessageBatch"), 0);
}

static void pending_for_too_long_is_failed(void **state)
{
    (void)state;
    run_world.settings.sqs_queue = queue_url;
    run_world_answer(RUN_WORLD_OK("d1", TWO_BAD));
    run_world_run(RUN_CHANGE, ",\"attempt\":12");
    says("sqs.public", "pending", "failed");
    assert_non_null(strstr(error_of("sqs.public"), "after 12 attempts"));
    assert_string_equal(run_world_says("sqs.public", "summary"), "open");
    says("sqs.shared", "compliant", "none");
}

static void another_problem_is_failed(void **state)
{
    (void)state;
    repair(RUN_WORLD_OK("d2", RUN_WORLD_BAD("sqs.public", "other")));
    says("sqs.public", "non_compliant", "failed");
    assert_non_null(strstr(error_of("sqs.public"), "still does not pass"));
}

static void what_stops_the_audit_is_reported(void **state)
{
    (void)state;
    repair(RUN_WORLD_OK("d2", "{\"id\":\"sqs.public\",\"status\":\"unknown\",\"error\":{"
                              "\"message\":\"no such field\"}}"));
    says("sqs.public", "unknown", "failed");
    assert_non_null(strstr(error_of("sqs.public"), "still does not pass: no such field"));
}

static void unread_is_unknown(void **state)
{
    (void)state;
    repair("the line is dead");
    says("sqs.public", "unknown", "failed");
    assert_string_equal(error_of("sqs.public"), "the line is dead");
}

static void not_ready_before_the_change_is_pending(void **state)
{
    (void)state;
    run_world_answer(RUN_WORLD_OK("d1", TWO_BAD));
    run_world_answer(RUN_WORLD_LATER("300"));
    run_world_run(RUN_CHANGE, "");
    says("sqs.public", "pending", "planned");
    assert_int_equal(fake_aws.count, 0);
}

#define COVERED                                                                                    \
    "{\"id\":\"sqs.shared\",\"status\":\"non_compliant\",\"summary\":\"open\",\"fix\":"            \
    "\"covered\",\"covered_by\":\"sqs.public\"}"

#define BOTH_BAD RUN_WORLD_BAD("sqs.public", "e") "," RUN_WORLD_BAD("sqs.shared", "f")
#define ONE_LEFT RUN_WORLD_GOOD("sqs.public") "," RUN_WORLD_BAD("sqs.shared", "f")

/* One repair starts a transition of the resource; the next repair waits until the transition is
 * over. */
static void waits_between_two_repairs(void **state)
{
    static const char *const seen[] = {
        RUN_WORLD_OK("d1", BOTH_BAD),
        RUN_WORLD_OK("d1", BOTH_BAD),
        RUN_WORLD_OK("d2", ONE_LEFT),
        RUN_WORLD_LATER("600"),
        RUN_WORLD_OK("d2", ONE_LEFT),
        RUN_WORLD_OK("d2", ONE_LEFT),
        GOOD_STATE("d3"),
    };
    (void)state;
    run_world.settings.wait_s = 600;
    for (size_t i = 0; i < sizeof seen / sizeof *seen; i++)
        run_world_answer(seen[i]);
    run_world_run(RUN_CHANGE, "");
    assert_int_equal(json_array_size(run_world.findings), 2);
    says("sqs.public", "non_compliant", "fixed");
    says("sqs.shared", "non_compliant", "fixed");
    assert_int_equal(count("SetQueueAttributes"), 2);
    assert_int_equal(run_world.status, 0);
}

static void what_was_reported_stays_reported(void **state)
{
    static const char *const seen[] = {
        RUN_WORLD_OK("d1", BOTH_BAD), RUN_WORLD_OK("d1", BOTH_BAD), RUN_WORLD_OK("d2", ONE_LEFT),
        RUN_WORLD_LATER("600"),       "the line is dead",
    };
    (void)state;
    run_world.settings.wait_s = 600;
    for (size_t i = 0; i < sizeof seen / sizeof *seen; i++)
        run_world_answer(seen[i]);
    run_world_run(RUN_CHANGE, "");
    says("sqs.public", "non_compliant", "fixed");
    says("sqs.shared", "unknown", "none");
    assert_null(json_object_get(json_array_get(run_world.findings, 1), "later"));
    run_world.settings.wait_s = 599;
    json_array_clear(run_world.outcomes);
    for (size_t i = 0; i < 4; i++)
        run_world_answer(seen[i]);
    run_world.settings.sqs_queue = queue_url;
    run_world_run(RUN_CHANGE, "");
    says("sqs.public", "non_compliant", "fixed");
    says("sqs.shared", "pending", "planned");
    assert_null(json_object_get(json_array_get(run_world.findings, 1), "later"));
    const json_t *sent = fake_aws.requests[fake_aws.count - 1].json;
    const json_t *entry = json_array_get(json_object_get(sent, "Entries"), 0);
    assert_int_equal(json_get_integer(entry, "DelaySeconds", 0), 600);
}

static void a_covered_fix_waits_with_its_cover(void **state)
{
    (void)state;
    const char *bad = RUN_WORLD_OK("d1", RUN_WORLD_BAD("sqs.public", "e") "," COVERED);
    run_world_answer(bad);
    run_world_run(RUN_CHANGE, "");
    says("sqs.public", "pending", "planned");
    says("sqs.shared", "pending", "planned");
    json_array_clear(run_world.outcomes);
    run_world_answer(bad);
    run_world_answer(bad);
    run_world_answer(GOOD_STATE("d2"));
    run_world_run(RUN_CHANGE, "");
    says("sqs.public", "non_compliant", "fixed");
    says("sqs.shared", "non_compliant", "fixed");
}

static void covered_by_what_was_not_made_is_held(void **state)
{
    (void)state;
    run_world.settings.max_changes = 0;
    run_world_answer(RUN_WORLD_OK("d1", RUN_WORLD_BAD("sqs.public", "e") "," COVERED));
    run_world_run(RUN_CHANGE, "");
    says("sqs.public", "non_compliant", "held");
    says("sqs.shared", "non_compliant", "held");
    assert_int_equal(fake_aws.count, 0);
}

static struct evaluation *(*audit_in_time)(void *self, const struct policy *policy,
                                           const struct resource *resource,
                                           const struct scope *scope,
                                           const struct audit_options *options,
                                           evaluator_audited done, void *arg);

/* The second read ends after the time at which nothing more is begun. */
static struct evaluation *audit_slowly(void *self, const struct policy *policy,
                                       const struct resource *resource, const struct scope *scope,
                                       const struct audit_options *options, evaluator_audited done,
                                       void *arg)
{
    if (run_world.audits == 1)
        run_world.context.stop_ms = 1;
    return audit_in_time(self, policy, resource, scope, options, done, arg);
}

static void nothing_is_changed_if_the_proof_comes_too_late(void **state)
{
    (void)state;
    audit_in_time = run_world.evaluator.audit;
    run_world.evaluator.audit = audit_slowly;
    repair(GOOD_STATE("d2"));
    says("sqs.public", "non_compliant", "planned");
    assert_int_equal(run_world.audits, 2);
    assert_int_equal(fake_aws.count, 0);
}

/* What the journal cannot record is not changed. */
static void an_id_that_is_not_text_is_not_started(void **state)
{
    struct err err = {0};
    char fix_id[37];
    struct journal *journal = journal_new(run_world.journal);
    struct gate *gate = gate_new(&run_world.context, journal);
    struct resource *resource = resource_new("111122223333", "us-east-1", "sqs", "q\xff");
    (void)state;
    assert_int_equal(gate_begin(gate, resource, "sqs.public", NULL, NULL, fix_id, &err), -1);
    assert_non_null(strstr(err.message, "nothing was changed"));
    assert_null(journal_written(journal));
    resource_free(resource);
    gate_free(gate);
    journal_free(journal);
}

/* ---- exceptions ---- */

#define RULE(selector)                                                                             \
    "{\"rules\":[{" selector ",\"reason\":\"agreed\",\"expires\":\"2999-01-01\"}]}"
#define BAD_WITH_TAGS(tags)                                                                        \
    "{\"state\":\"ok\",\"digests\":{\"policy\":\"d1\"}" tags ",\"checks\":[" TWO_BAD "]}"

static void reads_the_tags_again(void **state)
{
    (void)state;
    run_world_exceptions(RULE("\"tag\":{\"keep\":\"yes\"}"));
    run_world_answer(BAD_WITH_TAGS(",\"tags\":{\"keep\":\"no\"}"));
    run_world_answer(BAD_WITH_TAGS(",\"tags\":{\"keep\":\"yes\"}"));
    run_world_run(RUN_CHANGE, "");
    says("sqs.public", "exempt", "held");
    assert_non_null(strstr(run_world_says("sqs.public", "held"), "exception"));
    assert_int_equal(run_world.status, 0);
    assert_int_equal(fake_aws.count, 0);
    json_array_clear(run_world.outcomes);
    run_world_answer(BAD_WITH_TAGS(",\"tags\":{\"keep\":\"yes\"}"));
    run_world_run(RUN_CHANGE, "");
    says("sqs.public", "exempt", "none");
}

static void unknown_tags_hold_what_a_rule_may_exempt(void **state)
{
    (void)state;
    run_world_exceptions(RULE("\"tag\":{\"keep\":\"yes\"},\"check\":\"sqs.public\""));
    run_world_answer(BAD_WITH_TAGS(""));
    run_world_run(RUN_CHANGE, "");
    says("sqs.public", "non_compliant", "held");
    assert_non_null(strstr(run_world_says("sqs.public", "held"), "rules[0]"));
    assert_int_equal(run_world.status, 2);
    json_array_clear(run_world.outcomes);
    run_world_answer(BAD_WITH_TAGS(",\"tags\":{}"));
    run_world_answer(BAD_WITH_TAGS(",\"tags\":null"));
    run_world_run(RUN_CHANGE, "");
    says("sqs.public", "non_compliant", "held");
    assert_int_equal(fake_aws.count, 0);
}

static void explains_when_asked(void **state)
{
    (void)state;
    run_world_exceptions(RULE("\"id\":\"*\",\"check\":\"*.shared\""));
    run_world_answer(BAD_WITH_TAGS(",\"tags\":{}"));
    run_world_run(RUN_AUDIT, "");
    assert_null(json_object_get(json_array_get(run_world.findings, 0), "explain"));
    run_world.settings.explain = true;
    run_world_run(RUN_AUDIT, "");
    for (size_t i = 0; i < 2; i++) {
        const json_t *finding = json_array_get(run_world.findings, i);
        const json_t *entry = json_array_get(json_object_get(finding, "explain"), 0);
        assert_string_equal(json_get_string(entry, "says", ""),
                            i == 0 ? "its check differs" : "matches");
    }
    json_array_clear(run_world.outcomes);
    run_world_answer("the line is dead");
    run_world_run(RUN_AUDIT, "");
    assert_true(json_is_array(json_object_get(json_array_get(run_world.findings, 1), "explain")));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_change_that_shows_late_is_fixed),
        TEST(corrected_by_others_is_over),
        TEST(in_transition_is_pending),
        TEST(as_before_is_pending),
        TEST(pending_for_too_long_is_failed),
        TEST(another_problem_is_failed),
        TEST(what_stops_the_audit_is_reported),
        TEST(unread_is_unknown),
        TEST(not_ready_before_the_change_is_pending),
        TEST(waits_between_two_repairs),
        TEST(what_was_reported_stays_reported),
        TEST(a_covered_fix_waits_with_its_cover),
        TEST(covered_by_what_was_not_made_is_held),
        TEST(nothing_is_changed_if_the_proof_comes_too_late),
        TEST(an_id_that_is_not_text_is_not_started),
        TEST(reads_the_tags_again),
        TEST(unknown_tags_hold_what_a_rule_may_exempt),
        TEST(explains_when_asked),
    };
    mem_install();
    return cmocka_run_group_tests_name("gate", tests, NULL, NULL);
}
