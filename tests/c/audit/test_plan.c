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
#include "value/json.h"

#define FINDING(id, check, more)                                                                   \
    "{\"account\":\"111122223333\",\"region\":\"us-east-1\",\"type\":\"sqs\",\"id\":\"" id         \
    "\",\"check\":\"" check "\",\"status\":\"non_compliant\"," more "}"
#define STEPS "\"remediation\":\"planned\",\"steps\":[{\"call\":\"sqs:SetQueueAttributes\"}]"

static char *folder;
static char *path;
static struct err err;

static int set_up(void **state)
{
    (void)state;
    folder = scratch_folder();
    path = scratch_path(folder, "plan");
    err = (struct err){0};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_remove(folder);
    mem_free(path);
    return 0;
}

static json_t *read_text(const char *text)
{
    scratch_write(path, text, strlen(text));
    return plan_read(path, path, &err);
}

static void assert_refused(const char *text, const char *why)
{
    assert_null(read_text(text));
    if (strstr(err.message, why) == NULL)
        fail_msg("%s", err.message);
}

static const json_t *first_finding(const json_t *plan, size_t resource)
{
    const json_t *entry = json_array_get(plan, resource);
    return json_array_get(json_object_get(entry, "findings"), 0);
}

static void groups_findings_by_resource(void **state)
{
    (void)state;
    json_t *plan = read_text(FINDING("a", "sqs.one", STEPS) "\n" FINDING(
        "a", "sqs.two", STEPS) "\n"
                               "\n" FINDING("b", "sqs.one", STEPS));
    assert_int_equal(json_array_size(plan), 2);
    assert_int_equal(json_array_size(json_object_get(json_array_get(plan, 0), "findings")), 2);
    assert_string_equal(json_get_string(first_finding(plan, 1), "id", ""), "b");
    json_decref(plan);
}

static void accepts_an_array_as_well(void **state)
{
    (void)state;
    json_t *plan =
        read_text(" \n[" FINDING("a", "sqs.one", STEPS) ",\n" FINDING("b", "sqs.one", STEPS) "]\n");
    assert_int_equal(json_array_size(plan), 2);
    json_decref(plan);
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
        json_t *plan = read_text(layouts[i]);
        assert_string_equal(err.message, "");
        assert_int_equal(json_array_size(plan), 2);
        assert_string_equal(json_get_string(first_finding(plan, 1), "id", ""), "b");
        json_decref(plan);
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
        json_t *plan = read_text(others[i]);
        assert_non_null(plan);
        assert_int_equal(json_array_size(plan), 0);
        json_decref(plan);
    }
}

/* Steps that are chosen at the fresh read would be made without having been shown. */
static void applies_only_what_it_shows(void **state)
{
    (void)state;
    json_t *plan = read_text(
        FINDING("a", "sqs.one", "\"remediation\":\"planned\",\"waits\":true,\"steps\":[]"));
    const json_t *finding = first_finding(plan, 0);
    assert_non_null(finding);
    assert_null(json_object_get(finding, "waits"));
    json_decref(plan);
}

/* It was new when the plan was made; apply compares nothing. */
static void forgets_the_mark_of_the_baseline(void **state)
{
    (void)state;
    json_t *plan = read_text(FINDING("a", "sqs.one", "\"baseline\":\"new\"," STEPS));
    assert_non_null(first_finding(plan, 0));
    assert_null(json_object_get(first_finding(plan, 0), "baseline"));
    json_decref(plan);
}

static void refuses_what_is_not_a_plan(void **state)
{
    (void)state;
    assert_refused("{\"account\":\"111122223333\"}\n", "line 1: this is not a finding");
    assert_refused("{\"journal\":1,\"check\":\"sqs.public\"}\n",
                   "line 1: this is a journal, which only engine undo reads");
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
    assert_null(plan_read(path, path, &err));
    assert_non_null(strstr(err.message, path));
    assert_null(plan_read(folder, folder, &err));
    assert_non_null(strstr(err.message, "Is a directory"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

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
