/* Rules and what an audit reports about a resource: its region, and the resources that its evidence
 * names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "exceptions/exceptions.h"
#include "exceptions/exceptions_scope.h"
#include "support/models.h"

#define SAYS "\"reason\":\"agreed\",\"expires\":\"2999-01-01\""

static const char *const *variables;
static struct exceptions *loaded;
static char *folder, *path;

static const char *fake_getenv(const char *name)
{
    for (const char *const *at = variables; at != NULL && *at != NULL; at += 2) {
        if (strcmp(at[0], name) == 0)
            return at[1];
    }
    return NULL;
}

static int set_up(void **state)
{
    (void)state;
    variables = NULL;
    loaded = NULL;
    folder = scratch_folder();
    path = scratch_path(folder, "rules.json");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    exceptions_free(loaded);
    scratch_remove(folder);
    mem_free(path);
    return 0;
}

static void load_at(const char *text, int64_t now_ms)
{
    struct err err = {0};
    struct settings settings = {.exceptions = path};
    scratch_write(path, text, strlen(text));
    exceptions_free(loaded);
    loaded = exceptions_load(&settings, NULL, NULL, fake_getenv, now_ms, &err);
    assert_string_equal(err.message, "");
}

static void load_text(const char *text)
{
    load_at(text, 0);
}

/* "global" matches what has no region, and no pattern does. */
static void test_region_of_global_types(void **state)
{
    static const char *const never[] = {"us-east-1", "*", "g*", "Global", "us-*"};
    const struct policy role = {.type = "iam_role", .global = true};
    struct resource *resource = resource_new("111122223333", "us-east-1", "iam_role", "admin");
    const struct exceptions_subject subject = {
        .policy = &role, .resource = resource, .check = "iam_role.shared"};
    (void)state;
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
        char text[256];
        snprintf(text, sizeof text, "{\"rules\":[{\"region\":\"%s\"," SAYS "}]}", never[i]);
        load_text(text);
        assert_null(exceptions_match(loaded, &subject));
        assert_null(exceptions_doubt(loaded, &subject));
    }
    load_text("{\"rules\":[{\"region\":[\"eu-west-1\",\"global\"]," SAYS "}]}");
    assert_non_null(exceptions_match(loaded, &subject));
    resource_free(resource);
}

/* A bucket is in the region that the audit found, whatever its line says; if the audit found none,
 * no region matches, and nothing is changed. */
static void test_region_of_located_types(void **state)
{
    (void)state;
    const struct policy located = {
        .type = "s3_bucket", .global = true, .meta = json_pack("{s:b}", "located", 1)};
    struct resource *resource = resource_new("111122223333", "us-east-1", "s3_bucket", "b");
    struct exceptions_subject subject = {
        .policy = &located, .resource = resource, .check = "s3_bucket.tls"};
    load_text("{\"rules\":[{\"id\":\"b\"," SAYS "}]}");
    assert_false(exceptions_ask_region(loaded, &located));
    load_text("{\"rules\":[{\"region\":\"eu-*\",\"id\":\"b\"," SAYS "}]}");
    assert_true(exceptions_ask_region(loaded, &located));
    assert_false(
        exceptions_ask_region(loaded, &(struct policy){.type = "iam_role", .global = true}));
    assert_null(exceptions_match(loaded, &subject));
    assert_non_null(exceptions_doubt(loaded, &subject));
    subject.region = "eu-west-1";
    assert_non_null(exceptions_match(loaded, &subject));
    subject.region = "us-east-1";
    assert_null(exceptions_match(loaded, &subject));
    assert_null(exceptions_doubt(loaded, &subject));
    json_decref((json_t *)(uintptr_t)located.meta);
    resource_free(resource);
}

/* Only ids exempt what the evidence names; other properties of the resource do not. */
static void test_parts(void **state)
{
    (void)state;
    const char *const ignored[] = {"EC2_INSTANCE_IGNORE_LIST",
                                   "arn:aws:ec2:us-east-1:111122223333:instance/i-1,i-2*", NULL};
    struct resource *resource = resource_new("111122223333", "us-east-1", "elb", "front");
    const struct policy elb = {.type = "elb"};
    struct audit_asked asked = {.check = "elb.dev_public", .part = "i-1"};
    variables = ignored;
    load_text("{\"rules\":[{\"id\":\"other\",\"type\":\"elb\"," SAYS "}]}");
    assert_false(exceptions_may_fix(loaded, &elb, resource, &asked));
    asked.part = "i-22";
    assert_false(exceptions_may_fix(loaded, &elb, resource, &asked));
    asked.part = "i-3";
    assert_true(exceptions_may_fix(loaded, &elb, resource, &asked));
    asked.part = "front";
    assert_true(exceptions_may_fix(loaded, &elb, resource, &asked));
    asked.part = "i-1";
    asked.check = "elb.tags";
    assert_true(exceptions_may_fix(loaded, &elb, resource, &asked));
    resource_free(resource);
}

/* The record of the scope: which rules there were, and which had no effect. */
static void test_in_the_scope(void **state)
{
    struct settings none = {0};
    struct err err = {0};
    (void)state;
    struct exceptions *empty = exceptions_load(&none, NULL, NULL, fake_getenv, 0, &err);
    assert_null(exceptions_scope(empty, true));
    exceptions_free(empty);
    load_at("{\"rules\":[{\"type\":\"sqs\"," SAYS
            "},{\"type\":\"ami\",\"reason\":\"old\",\"expires\":\"1999-01-01\"}]}",
            INT64_C(1000000000000));
    json_t *scope = exceptions_scope(loaded, true), *partly = exceptions_scope(loaded, false);
    json_t *expired = json_object_get(scope, "expired"), *unused = json_object_get(scope, "unused");
    assert_int_equal(json_integer_value(json_object_get(scope, "rules")), 2);
    assert_int_equal(json_array_size(expired), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(expired, 0), "reason")),
                        "old");
    assert_int_equal(json_array_size(unused), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(unused, 0), "reason")),
                        "agreed");
    assert_int_equal(json_string_length(json_object_get(scope, "sha256")), 64);
    assert_null(json_object_get(partly, "unused"));
    json_decref(scope);
    json_decref(partly);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_in_the_scope, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_region_of_global_types, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_region_of_located_types, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_parts, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
