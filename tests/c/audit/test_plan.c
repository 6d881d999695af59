/* Reading a plan: only what it shows is applied, and what is not a plan is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audit/plan.h"
#include "base/mem.h"
#include "support/models.h"
#include "support/scratch_case.h"
#include "value/json.h"

#define FINDING(id, check, more)                                                                   \
    "{\"account\":\"111122223333\",\"region\":\"us-east-1\",\"type\":\"sqs\",\"id\":\"" id         \
    "\",\"check\":\"" check "\",\"status\":\"non_compliant\"," more "}"
#define STEPS "\"remediation\":\"planned\",\"steps\":[{\"call\":\"sqs:SetQueueAttributes\"}]"

static struct plan *read_text(const char *text)
{
    scratch_write(scratch.path, text, strlen(text));
    return plan_read(scratch.path, scratch.path, &scratch.err);
}

static void assert_refused(const char *text, const char *why)
{
    assert_null(read_text(text));
    if (strstr(scratch.err.message, why) == NULL)
        fail_msg("%s", scratch.err.message);
}

static json_t *resource_at(struct plan *plan, size_t index)
{
    json_t *resource = plan_resource(plan, index, &scratch.err);
    assert_non_null(resource);
    return resource;
}

/* New. */
static json_t *first_finding(struct plan *plan, size_t index)
{
    json_t *resource = resource_at(plan, index);
    json_t *finding = json_incref(json_array_get(json_object_get(resource, "findings"), 0));
    json_decref(resource);
    return finding;
}

static void expect_id(struct plan *plan, size_t index, const char *id)
{
    json_t *finding = first_finding(plan, index);
    assert_string_equal(json_get_string(finding, "id", ""), id);
    json_decref(finding);
}

static void groups_findings_by_resource(void **state)
{
    (void)state;
    struct plan *plan = read_text(FINDING("a", "sqs.one", STEPS) "\n" FINDING(
        "a", "sqs.two", STEPS) "\n"
                               "\n" FINDING("b", "sqs.one", STEPS));
    assert_int_equal(plan_count(plan), 2);
    json_t *first = resource_at(plan, 0);
    assert_int_equal(json_array_size(json_object_get(first, "findings")), 2);
    json_decref(first);
    expect_id(plan, 1, "b");
    plan_free(plan);
}

static void accepts_an_array_as_well(void **state)
{
    (void)state;
    struct plan *plan =
        read_text(" \n[" FINDING("a", "sqs.one", STEPS) ",\n" FINDING("b", "sqs.one", STEPS) "]\n");
    assert_int_equal(plan_count(plan), 2);
    plan_free(plan);
}

/* As --format json writes it with --compliance. */
static void accepts_a_report_with_a_framework_as_well(void **state)
{
    (void)state;
    static const char *const layouts[] = {
        "{\"findings\":[\n" FINDING("a", "sqs.one", STEPS) ",\n" FINDING(
            "b", "sqs.one", STEPS) "\n],\n\"compliance\":{\"controls\":[]}}\n",
        "{\"compliance\":{},\n\n \"findings\":[" FINDING("a", "sqs.one", STEPS) ",\n" FINDING(
            "b", "sqs.one", STEPS) "]}",
    };
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
        struct plan *plan = read_text(layouts[i]);
        assert_string_equal(scratch.err.message, "");
        assert_int_equal(plan_count(plan), 2);
        expect_id(plan, 1, "b");
        plan_free(plan);
    }
}

static void leaves_out_what_is_not_planned(void **state)
{
    (void)state;
    static const char *const others[] = {
        FINDING("a", "sqs.one", "\"remediation\":\"available\",\"steps\":[]"),
        FINDING("a", "sqs.one", "\"remediation\":\"none\""),
        FINDING("a", "sqs.one", "\"remediation\":\"planned\""),
        FINDING("a", "sqs.one", "\"remediation\":\"planned\",\"waits\":true"),
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct plan *plan = read_text(others[i]);
        assert_non_null(plan);
        assert_int_equal(plan_count(plan), 0);
        plan_free(plan);
    }
}

/* Steps that are chosen at the fresh read would be made without having been shown. */
static void applies_only_what_it_shows(void **state)
{
    (void)state;
    struct plan *plan = read_text(
        FINDING("a", "sqs.one", "\"remediation\":\"planned\",\"waits\":true,\"steps\":[]"));
    json_t *finding = first_finding(plan, 0);
    assert_non_null(finding);
    assert_null(json_object_get(finding, "waits"));
    json_decref(finding);
    plan_free(plan);
}

/* It was new when the plan was made; apply compares nothing. */
static void forgets_the_mark_of_the_baseline(void **state)
{
    (void)state;
    struct plan *plan = read_text(FINDING("a", "sqs.one", "\"baseline\":\"new\"," STEPS));
    json_t *finding = first_finding(plan, 0);
    assert_non_null(finding);
    assert_null(json_object_get(finding, "baseline"));
    json_decref(finding);
    plan_free(plan);
}

static void refuses_what_is_not_a_plan(void **state)
{
    (void)state;
    assert_refused("{\"account\":\"111122223333\"}\n", "line 1: this is not a finding");
    assert_refused("{\"journal\":1,\"check\":\"sqs.public\"}\n",
                   "line 1: this is a journal, which engine undo and engine show read");
    assert_refused("[1]\n", "should be a JSON object");
    assert_refused(FINDING("a", "sqs.one", "\"format\":2," STEPS) "\n", "line 1: a newer engine");
    assert_refused(FINDING("a", "sqs.one", "\"format\":\"x\"") "\n", "a format version");
    assert_refused("\"text\"\n", "line 1: a finding should be");
    assert_refused("{\"a\":\n", "line 2 column 0: unexpected token near end of file");
    assert_refused(FINDING("a", "sqs.one", STEPS) "\n{", "line 2");
}

static void refuses_invalid_resources(void **state)
{
    (void)state;
    assert_refused("{\"check\":\"c\",\"account\":\"12:role/x\",\"region\":\"r\",\"type\":\"sqs\","
                   "\"id\":\"a\"," STEPS "}",
                   "12 digits");
    assert_refused("{\"check\":\"c\",\"account\":\"111122223333\",\"region\":\"evil.com/\","
                   "\"type\":\"sqs\",\"id\":\"a\"," STEPS "}",
                   "\"region\" must be");
}

static void names_what_cannot_be_read(void **state)
{
    (void)state;
    assert_null(plan_read(scratch.path, scratch.path, &scratch.err));
    assert_non_null(strstr(scratch.err.message, scratch.path));
    assert_null(plan_read(scratch.folder, scratch.folder, &scratch.err));
    assert_non_null(strstr(scratch.err.message, "Is a directory"));
}

#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, scratch_case_set_up, scratch_case_tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(groups_findings_by_resource),
        TEST(accepts_an_array_as_well),
        TEST(accepts_a_report_with_a_framework_as_well),
        TEST(leaves_out_what_is_not_planned),
        TEST(applies_only_what_it_shows),
        TEST(forgets_the_mark_of_the_baseline),
        TEST(refuses_what_is_not_a_plan),
        TEST(refuses_invalid_resources),
        TEST(names_what_cannot_be_read),
    };
    mem_install();
    return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
