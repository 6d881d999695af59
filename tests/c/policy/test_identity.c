/* One spelling for a line's type and id, as the policy defines it; and ARNs from templates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "policy/identity.h"
#include "support/host_world.h"

static const struct policy *policy;
static struct err err;

static int set_up(void **state)
{
    (void)state;
    const struct host_options limits = {.instructions_max = 200000};
    world_open(&world, &limits);
    err_clear(&err);
    return 0;
}

static void load(const char *head)
{
    char *text = mem_printf("return policy { type = 'queue', title = 'Queue', aliases = { 'q' },\n"
                            "  permissions = { read = {} }, fetch = function() return {} end,\n"
                            "  checks = { { id = 'queue.a', title = 'A', severity = 'low',\n"
                            "    audit = function() return true end } },\n %s }",
                            head);
    policy = world_load(&world, "queue", text);
    mem_free(text);
}

/* The id of a line with this id, or "refused: reason". */
static const char *named(const char *id)
{
    static char text[1400];
    struct resource *resource = resource_new("111122223333", "us-east-1", "q", id);
    int result = identity_make_canonical(world.evaluator, policy, resource, &err);
    assert_string_equal(resource->type, "queue");
    snprintf(text, sizeof text, "%s%s",
             result == 0 ? "" : "refused: ", result == 0 ? resource->id : err.message);
    if (result != 0)
        assert_string_equal(resource->id, id);
    resource_free(resource);
    return text;
}

static void test_spelling(void **state)
{
    (void)state;
    load("id = { canonical = function(id, line)\n"
         "  return id:lower() .. '@' .. line.account .. '/' .. line.region .. '/' .. line.type\n"
         "end }");
    assert_string_equal(named("Orders"), "orders@111122223333/us-east-1/queue");
}

/* An id of the form is taken as it is; every other one is handed to the function. */
static void test_form(void **state)
{
    (void)state;
    load("id = { canonical = function() return 'asked' end, form = 'q:${region}/${account}/${word}:"
         "${lower}' }");
    assert_string_equal(named("q:us-east-1/111122223333/a-Z_0.9:x"),
                        "q:us-east-1/111122223333/a-Z_0.9:x");
    static const char *const others[] = {
        "q:us-east-1/111122223333/a:x/", "q:us-east-1/111122223333/a:X",
        "q:us-east-1/111122223333/:x",   "q:us-east-1/111122223333/a",
        "q:us-east-1/111122223333/a*:x", "q:us-east-2/111122223333/a:x",
        "q:us-east-1/111122223334/a:x",  "Q:us-east-1/111122223333/a:x",
        "q:us-east-1/111122223333/a:",   "q:",
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_string_equal(named(others[i]), "asked");
}

/* Elsewhere names of hosts differ. */
static void test_form_of_partition(void **state)
{
    (void)state;
    load("id = { canonical = function() return 'asked' end, form = '${word}' }");
    struct resource *resource = resource_new("111122223333", "cn-north-1", "q", "a");
    assert_int_equal(identity_make_canonical(world.evaluator, policy, resource, &err), 0);
    assert_string_equal(resource->id, "asked");
    resource_free(resource);
}

static void test_without(void **state)
{
    (void)state;
    load("");
    assert_string_equal(named("Orders"), "Orders");
    assert_string_equal(named("arn:aws:sqs:eu-west-1:999988887777:q"),
                        "arn:aws:sqs:eu-west-1:999988887777:q");
}

/* A policy that breaks the rules makes the resource unknown, and has no other effect. */
static void test_broken(void **state)
{
    static const char *const bodies[][2] = {
        {"error('no such thing', 0)", "no such thing"},
        {"error({ code = 'Odd', message = 'odd' })", "odd"},
        {"return nil", "must return an id"},
        {"return ''", "must return an id"},
        {"return 7", "must return an id"},
        {"return line.nothing.there", "attempt to index"},
        {"while true do end", "instructions"},
        {"return id:rep(1 << 30)", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        char *head = mem_printf("id = { canonical = function(id, line) %s end }", bodies[i][0]);
        load(head);
        mem_free(head);
        const char *reported = named("Orders");
        if (strncmp(reported, "refused: ", 9) != 0 || strstr(reported, bodies[i][1]) == NULL)
            fail_msg("%s: %s", bodies[i][0], reported);
        world_tear_down(NULL);
        set_up(NULL);
    }
}

static void test_foreign(void **state)
{
    (void)state;
    load("id = { canonical = function(id) return id:match('[^:]+$') end }");
    assert_string_equal(named("arn:aws:sqs:us-east-1:111122223333:q"), "q");
    assert_string_equal(named("arn:aws:s3:::b"), "b");
    assert_string_equal(named("arn:aws:iam::aws:policy"), "policy");
    assert_string_equal(named("arn:short"), "short");
    assert_string_equal(named("arn:aws:sqs:us-east-1:999988887777:q"),
                        "refused: the id is an ARN of account 999988887777 and region us-east-1, "
                        "but the line says 111122223333 and us-east-1");
    assert_string_equal(err.code, "ForeignId");
    assert_non_null(strstr(named("arn:aws:sqs:us-east-11:111122223333:q"), "refused"));
    assert_non_null(strstr(named("arn:aws:sqs:us-east-1:999988887777:"), "refused"));
}

/* Global types can be requested anywhere: the region does not matter. */
static void test_global(void **state)
{
    (void)state;
    load("scope = 'global', id = { canonical = function(id) return id:match('[^:]+$') end }");
    assert_string_equal(named("arn:aws:sqs:eu-west-1:111122223333:q"), "q");
    assert_non_null(strstr(named("arn:aws:iam::999988887777:role"), "refused"));
}

static void expands(const char *template, const char *region, const char *id, const char *want)
{
    struct resource *resource = resource_new("111122223333", region, "queue", id);
    char *text = identity_expand(template, resource);
    assert_string_equal(text, want);
    mem_free(text);
    resource_free(resource);
}

static void test_arns(void **state)
{
    static const char full[] = "arn:${partition}:sqs:${region}:${account}:${name}";
    (void)state;
    expands(full, "us-east-1", "https://sqs.us-east-1.amazonaws.com/111122223333/q",
            "arn:aws:sqs:us-east-1:111122223333:q");
    expands(full, "cn-north-1", "q", "arn:aws-cn:sqs:cn-north-1:111122223333:q");
    expands("arn:${partition}:s3:::${id}", "us-gov-west-1", "a/b", "arn:aws-us-gov:s3:::a/b");
    expands("${id}", "us-east-1", "${account}", "${account}");
    expands("${other}$${id", "us-east-1", "q", "${other}$${id");
}

static void called(const char *type, const char *asff, const char *want)
{
    json_t *meta = json_object();
    if (type != NULL)
        json_object_set_new(meta, "aws_type", json_string(type));
    if (asff != NULL)
        json_object_set_new(meta, "asff", json_string(asff));
    char *name = identity_asff(&(struct policy){.meta = meta});
    assert_string_equal(name, want);
    mem_free(name);
    json_decref(meta);
}

static void test_types_of_security_hub(void **state)
{
    (void)state;
    called("AWS::SQS::Queue", NULL, "AwsSqsQueue");
    called("AWS::RDS::DBInstance", NULL, "AwsRdsDbInstance");
    called("AWS::EC2::SecurityGroup", NULL, "AwsEc2SecurityGroup");
    called("AWS::S3::Bucket", NULL, "AwsS3Bucket");
    called("AWS::ElasticLoadBalancing::LoadBalancer", "AwsElbLoadBalancer", "AwsElbLoadBalancer");
    called(NULL, NULL, "Other");
}

/* A function that returns the template may need a state; without one it returns what it can. */
static void test_arn_of_a_function(void **state)
{
    (void)state;
    load("arn = function(r, s) return 'arn:${partition}:iam::' .. r.account .. ':role'\n"
         "  .. (s and s.path or '/') .. '${id}' end");
    struct resource *resource = resource_new("111122223333", "us-east-1", "queue", "App");
    char *arn = identity_arn(world.evaluator, policy, resource, NULL);
    assert_string_equal(arn, "arn:aws:iam::111122223333:role/App");
    mem_free(arn);
    arn = identity_arn(world.evaluator, policy, resource, "arn:aws:iam::1:role/team/${id}");
    assert_string_equal(arn, "arn:aws:iam::1:role/team/App");
    mem_free(arn);
    resource_free(resource);
}

static void test_loader(void **state)
{
    static const char *const bad[][2] = {
        {"id = 'x'", "id: must be a table"},
        {"id = { canonical = 'x' }", "id.canonical: must be a function"},
        {"id = { canonic = print }", "id.canonic: no such field, did you mean \"canonical\"?"},
        {"id = { form = '${word}' }", "id.form: needs id.canonical"},
        {"id = { canonical = print, form = 7 }", "id.form: must be a string"},
        {"id = { canonical = print, form = '${id}' }", "id.form: \"${id}\" is not one of"},
        {"id = { canonical = print, form = '${word' }", "id.form: \"${word}\" is not one of"},
        {"id = { canonical = print, form = '${word}x' }", "id.form: \"x\" follows ${word}"},
        {"id = { canonical = print, form = '${lower}${word}' }", "id.form: \"$\" follows"},
        {"arn = 7", "arn: must be a string, not a number"},
        {"arn = 'arn:${acount}'", "arn: \"${acount}\" is not one of"},
        {"asff = ''", "asff: must not be empty"},
        {"aws_type = {}", "aws_type: must be a string"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char *text = mem_printf(
            "local print = function() end\nreturn policy { type = 'queue', title = 'Queue',\n"
            "permissions = { read = {} }, fetch = print, checks = { { id = 'queue.a', title = "
            "'A',\n"
            "severity = 'low', audit = print } }, %s }",
            bad[i][0]);
        const char *reported = world_refusal(&world, text);
        if (strstr(reported, bad[i][1]) == NULL)
            fail_msg("%s: %s", bad[i][0], reported);
        mem_free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_spelling, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(test_form, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(test_form_of_partition, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(test_without, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(test_broken, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(test_foreign, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(test_global, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(test_arns, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(test_types_of_security_hub, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(test_arn_of_a_function, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(test_loader, set_up, world_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
