/* What a run looked at, and the checks that are off because a setting is missing, are reported. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "audit/run_internal.h"
#include "audit/run_scope.h"
#include "base/mem.h"

static struct policy ec2 = {.type = "ec2"}, region = {.type = "region"};
static const struct policy *policies[] = {&ec2, &region};
static struct settings settings;
static struct evaluator evaluator;
static struct context context = {.evaluator = &evaluator, .settings = &settings};
static struct run *run;

static const struct policy *const *all(void *self, size_t *count)
{
    (void)self;
    *count = 2;
    return policies;
}

static int set_up(void **state)
{
    static char master[] = "eu-west-1";
    (void)state;
    ec2.meta = json_loads("{\"checks\":[{\"id\":\"ec2.imdsv1\"},"
                          "{\"id\":\"ec2.tags\",\"needs\":\"required_tags\"},"
                          "{\"id\":\"ec2.dev_public\",\"needs\":\"dev_accounts\"}]}",
                          0, NULL);
    region.meta = json_loads("{\"checks\":[{\"id\":\"region.root_mfa\","
                             "\"needs\":\"master_region\"}]}",
                             0, NULL);
    evaluator = (struct evaluator){.all = all};
    settings =
        (struct settings){.concurrency = 1, .master_region = master, .for_policies = json_object()};
    run = run_new(&(struct run_options){.context = &context});
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    run_free(run);
    json_decref((json_t *)(uintptr_t)ec2.meta);
    json_decref((json_t *)(uintptr_t)region.meta);
    json_decref(settings.for_policies);
    return 0;
}

static void sees(const struct policy *policy, const char *id)
{
    struct resource *resource = resource_new("111122223333", "us-east-1", policy->type, id);
    run_note_resource(run, policy, resource);
    resource_free(resource);
}

static void says(const char *want)
{
    char *text = run_checks_off_text(run);
    assert_string_equal(text != NULL ? text : "", want);
    mem_free(text);
}

static void test_settings(void **state)
{
    (void)state;
    says("");
    sees(&ec2, "i-1");
    says("checks that are off: ec2.tags (REQUIRED_TAGS is not set); "
         "ec2.dev_public (DEV_ACCOUNTS is not set)");
    json_object_set_new(settings.for_policies, "required_tags", json_pack("[s]", "Owner"));
    json_object_set_new(settings.for_policies, "dev_accounts", json_array());
    says("checks that are off: ec2.dev_public (DEV_ACCOUNTS is not set)");
    json_object_set_new(settings.for_policies, "dev_accounts", json_pack("[s]", "111122223333"));
    says("");
}

static void test_master_region(void **state)
{
    (void)state;
    sees(&region, "us-east-1");
    says("checks that are off: region.root_mfa (MASTER_REGION eu-west-1 is not among the regions)");
    sees(&region, "eu-west-1");
    sees(&region, "us-east-2");
    says("");
}

static void test_looked_at(void **state)
{
    (void)state;
    static const char *const places[][3] = {{"222233334444", "us-east-2", "a"},
                                            {"111122223333", "us-east-1", "a"},
                                            {"111122223333", "us-east-1", "b"},
                                            {"333344445555", "eu-west-1", "*"}};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct resource *resource = resource_new(places[i][0], places[i][1], "ec2", places[i][2]);
        run_note_resource(run, &ec2, resource);
        resource_free(resource);
    }
    json_t *found = run_looked_at(run);
    json_t *want = json_pack("{s:[s,s], s:[s,s], s:[s]}", "accounts", "111122223333",
                             "222233334444", "regions", "us-east-1", "us-east-2", "types", "ec2");
    assert_true(json_equal(found, want));
    json_decref(found);
    json_decref(want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_settings, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_master_region, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_looked_at, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
