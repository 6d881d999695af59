/* Every spelling in which AWS accepts a resource, in a line and in a rule: the rule exempts the
 * line. With the shipped policies; the spellings are data, tests/fixtures/spellings/<type>.lua. */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "bindings/policy/evaluator.h"
#include "exceptions/exceptions.h"
#include "exceptions/exceptions_spell.h"
#include "policy/identity.h"
#include "support/models.h"
#include "support/prepared.h"
#include "value/json.h"

static struct loop *loop;
static struct evaluator *language;
static json_t *types;
static char *folder, *path;

static const char *no_variables(const char *name)
{
    (void)name;
    return NULL;
}

/* {type: the content of its file of spellings} */
static json_t *read_spellings(struct err *err)
{
    glob_t files;
    json_t *read = json_object();
    assert_int_equal(glob("tests/fixtures/spellings/*.lua", 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        char type[64] = "";
        sscanf(strrchr(files.gl_pathv[i], '/'), "/%63[^.]", type);
        json_object_set_new(read, type, language->data(language->self, files.gl_pathv[i], err));
    }
    globfree(&files);
    return read;
}

static int set_up(void **state)
{
    struct err err = {0};
    (void)state;
    loop = loop_new();
    language = lua_evaluator_new(&(struct host_options){.loop = loop, .code = *prepared_code()});
    assert_int_equal(language->load(language->self, getenv("ENGINE_POLICIES"), &err), 0);
    types = read_spellings(&err);
    assert_string_equal(err.message, "");
    folder = scratch_folder();
    path = scratch_path(folder, "rules.json");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    json_decref(types);
    lua_evaluator_free(language);
    loop_free(loop);
    scratch_remove(folder);
    mem_free(path);
    return 0;
}

static struct exceptions *rules_of(const char *type, const char *id)
{
    struct err err = {0};
    struct settings settings = {.exceptions = path};
    json_t *rules = json_pack("{s:[{s:s, s:s, s:s, s:s}]}", "rules", "type", type, "id", id,
                              "reason", "agreed", "expires", "2999-12-31");
    char *text = json_text(rules);
    scratch_write(path, text, strlen(text));
    struct exceptions *exceptions =
        exceptions_load(&settings, NULL, language, no_variables, 0, &err);
    assert_string_equal(err.message, "");
    mem_free(text);
    json_decref(rules);
    return exceptions;
}

/* Is the line left alone by the rules? What it is called afterwards is in id. */
static bool is_kept(struct exceptions *exceptions, const struct policy *policy, const char *region,
                    const char *spelling, char id[256])
{
    struct err err = {0};
    struct resource *resource = resource_new("111122223333", region, policy->type, spelling);
    const struct exceptions_subject subject = {
        .policy = policy, .resource = resource, .check = "any"};
    if (identity_make_canonical(language, policy, resource, &err) != 0)
        fail_msg("%s: %s", spelling, err.message);
    exceptions_prepare(exceptions, policy, resource);
    bool kept = exceptions_match(exceptions, &subject) != NULL;
    snprintf(id, 256, "%s", resource->id);
    resource_free(resource);
    return kept;
}

/* One rule, and one line for each spelling. */
static void check_rule(const struct policy *policy, const json_t *spellings, const char *id,
                       const char *rule)
{
    size_t i;
    json_t *other;
    char named[256];
    struct exceptions *exceptions = rules_of(policy->type, rule);
    if (!is_kept(exceptions, policy, "us-east-1", id, named))
        fail_msg("%s: the rule %s does not hold for %s", policy->type, rule, id);
    json_array_foreach (spellings, i, other) {
        if (!is_kept(exceptions, policy, "us-east-1", json_string_value(other), named))
            fail_msg("%s: the rule %s does not hold for %s", policy->type, rule,
                     json_string_value(other));
        assert_string_equal(named, id);
    }
    exceptions_free(exceptions);
}

static void test_every_spelling(void **state)
{
    const char *type;
    json_t *entry, *rule;
    size_t i, count = 0;
    (void)state;
    json_object_foreach (types, type, entry) {
        const struct policy *policy = language->find(language->self, type);
        const char *id = json_string_value(json_array_get(entry, 0));
        const json_t *others = json_array_get(entry, 1);
        check_rule(policy, others, id, id);
        json_array_foreach (others, i, rule)
            check_rule(policy, others, id, json_string_value(rule));
        count++;
    }
    assert_true(count >= 18);
}

/* A rule for something else never matches, however it is spelt. */
static void test_nothing_else(void **state)
{
    const char *type;
    json_t *entry, *rule;
    size_t i;
    char named[256];
    (void)state;
    json_object_foreach (types, type, entry) {
        const struct policy *policy = language->find(language->self, type);
        const char *id = json_string_value(json_array_get(entry, 0));
        json_array_foreach (json_array_get(entry, 2), i, rule) {
            if (strpbrk(json_string_value(rule), "*?") != NULL)
                continue; /* as a rule it is a pattern */
            struct exceptions *exceptions = rules_of(type, json_string_value(rule));
            if (is_kept(exceptions, policy, "us-east-1", id, named))
                fail_msg("%s: the rule %s holds for %s", type, json_string_value(rule), id);
            exceptions_free(exceptions);
        }
    }
}

/* In another spelling, a pattern matches no more than before. */
static void test_patterns(void **state)
{
    static const struct {
        const char *type, *rule, *id;
        bool want;
    } cases[] = {
        {"rds", "Shop-*", "shop-1", true},
        {"rds", "*-Shop", "my-shop", true},
        {"rds", "Shop-*", "shops", false},
        {"rds", "arn:aws:rds:*:111122223333:db:shop-*", "shop-1", true},
        {"rds", "arn:aws:rds:eu-*:*:db:shop-*", "shop-1", false},
        {"rds", "arn:aws:rds:*:999988887777:db:*", "shop-1", false},
        {"sqs", "https://queue.amazonaws.com/111122223333/dev-*",
         "https://sqs.us-east-1.amazonaws.com/111122223333/dev-1", true},
        {"sqs", "https://queue.amazonaws.com/111122223333/dev-*",
         "https://sqs.us-east-1.amazonaws.com/111122223333/prod-1", false},
        {"sqs", "https://queue.amazonaws.com/999988887777/dev-*",
         "https://sqs.us-east-1.amazonaws.com/111122223333/dev-1", false},
        {"sqs", "arn:aws:sqs:*:*:dev-*", "https://queue.amazonaws.com/111122223333/dev-1", true},
        {"sqs", "dev-1", "https://queue.amazonaws.com/111122223333/dev-1", false},
        {"iam_role", "arn:aws:iam::*:role/App-*", "App-1", true},
        {"iam_role", "arn:aws:iam::111122223333:role/team/*", "App-1", false},
        {"iam_role", "arn:aws:iam::*:user/App-*", "App-1", false},
        {"lambda_function", "resize-*:prod", "resize-1", false},
        {"lambda_function", "function:resize-*", "resize-1", true},
        {"s3_bucket", "arn:aws:s3:::logs-*", "logs-1", true},
        {"ecs_task", "main/*", "arn:aws:ecs:us-east-1:111122223333:task/main/0a1", true},
        {"ecs_task", "main/*", "arn:aws:ecs:us-east-1:111122223333:task/other/0a1", false},
    };
    char named[256];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct policy *policy = language->find(language->self, cases[i].type);
        struct exceptions *exceptions = rules_of(cases[i].type, cases[i].rule);
        if (is_kept(exceptions, policy, "us-east-1", cases[i].id, named) != cases[i].want)
            fail_msg("%s: %s %s %s", cases[i].type, cases[i].rule,
                     cases[i].want ? "does not hold for" : "holds for", cases[i].id);
        exceptions_free(exceptions);
    }
}

/* One rule for several regions and accounts names another resource in each. */
static void test_places(void **state)
{
    char named[256];
    (void)state;
    const struct policy *policy = language->find(language->self, "sqs");
    struct exceptions *exceptions =
        rules_of("sqs", "https://eu-west-1.queue.amazonaws.com/111122223333/q");
    assert_true(is_kept(exceptions, policy, "eu-west-1",
                        "https://sqs.eu-west-1.amazonaws.com/111122223333/q", named));
    assert_false(is_kept(exceptions, policy, "us-east-1",
                         "https://sqs.us-east-1.amazonaws.com/111122223333/q", named));
    exceptions_free(exceptions);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_spelling, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nothing_else, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_patterns, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_places, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
