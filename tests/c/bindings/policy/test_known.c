/* The index of policies: a file with the content that the build knew is not run before a job needs
 * it, and its metadata is that of a file that was run. A file whose content, modules or models
 * differ is loaded as if there were no index. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "aws/model_compiler/compile.h"
#include "base/mem.h"
#include "bindings/vm/policy_file.h"
#include "support/host_world.h"
#include "value/json.h"

#define POLICY(type, more)                                                                         \
    "local answer = require 'lib.answer'\nreturn policy { type = '" type "', title = 'T',\n"       \
    "aliases = { '" type "_too' }, permissions = { read = { 'sqs:ListQueues' } },\n"               \
    "fetch = function() return {} end, checks = { { id = '" type ".a', title = 'A',\n"             \
    "severity = 'low', audit = function() if answer.verdict then return true end return false, "   \
    "'it is so' end } } }" more

static const char answers[] = "local deep = require 'lib.deep'\nreturn { verdict = deep }";

static void write_policies(void)
{
    world_write(&world, "policies/one.lua", POLICY("one", ""));
    world_write(&world, "policies/two.lua", POLICY("two", ""));
    world_write(&world, "policies/lib/answer.lua", answers);
    world_write(&world, "policies/lib/deep.lua", "return false");
}

/* Another evaluator takes the place of the world's. */
static void use(const char *index, size_t memory_max)
{
    const struct host_options options = {
        .loop = world.loop, .models = world.models, .index = index, .memory_max = memory_max};
    lua_evaluator_free(world.evaluator);
    world.evaluator = lua_evaluator_new(&options);
}

static int load(struct err *err)
{
    char path[128];
    snprintf(path, sizeof path, "%s/policies", world.folder);
    memset(err, 0, sizeof *err);
    return world.evaluator->load(world.evaluator->self, path, err);
}

/* mem_free */
static char *index_of(const struct evaluator *evaluator)
{
    struct buf code;
    buf_init(&code, 16u << 20);
    json_t *index = lua_evaluator_index(evaluator, &code);
    char *text = json_text(index);
    json_decref(index);
    buf_clear(&code);
    return text;
}

static char *make_index(void)
{
    struct err err;
    use(NULL, 0);
    if (load(&err) != 0)
        fail_msg("%s", err.message);
    return index_of(world.evaluator);
}

static const struct policy *find(const char *name)
{
    const struct policy *policy = world.evaluator->find(world.evaluator->self, name);
    assert_non_null(policy);
    return policy;
}

static bool has_run(const char *name)
{
    return policy_file_of(find(name))->state != NULL;
}

static char *index_text;

static int set_up(void **state)
{
    world_set_up(state);
    write_policies();
    index_text = make_index();
    return 0;
}

static int tear_down(void **state)
{
    mem_free(index_text);
    return world_tear_down(state);
}

static void expect_loaded(bool one_ran, bool two_ran)
{
    struct err err;
    if (load(&err) != 0)
        fail_msg("%s", err.message);
    assert_int_equal(has_run("one"), one_ran);
    assert_int_equal(has_run("two"), two_ran);
}

static void runs_a_known_file_for_its_first_job(void **state)
{
    (void)state;
    json_t *meta = json_deep_copy(find("one")->meta);
    use(index_text, 0);
    expect_loaded(false, false);
    assert_true(json_equal(find("one_too")->meta, meta));
    assert_non_null(strstr(find("one")->file, "policies/one.lua"));
    world_expect(&world, find("one"), NULL, "non_compliant");
    assert_true(has_run("one"));
    assert_false(has_run("two"));
    json_decref(meta);
}

static void knows_nothing_of_other_contents(void **state)
{
    (void)state;
    struct err err;
    world_write(&world, "policies/one.lua", POLICY("one", "\n"));
    use(index_text, 0);
    expect_loaded(true, false);
    world_write(&world, "policies/one.lua", POLICY("one", ""));
    world_write(&world, "policies/two.lua", "return policy {}");
    use(index_text, 0);
    assert_int_equal(load(&err), -1);
    assert_non_null(strstr(err.message, "policies/two.lua:1: "));
    write_policies();
    world_write(&world, "policies/three.lua", POLICY("three", ""));
    use(index_text, 0);
    expect_loaded(false, false);
    assert_true(has_run("three"));
}

/* Of a module that another module requires, too. */
static void sees_changed_modules(void **state)
{
    (void)state;
    struct err err;
    world_write(&world, "policies/lib/deep.lua", "return true");
    use(index_text, 0);
    expect_loaded(true, true);
    world_expect(&world, find("one"), NULL, "compliant");
    world_write(&world, "policies/lib/deep.lua", "return");
    use(index_text, 0);
    assert_int_equal(load(&err), -1);
    assert_non_null(strstr(err.message, "module \"lib.deep\" returns nothing"));
    write_policies();
    use(index_text, 0);
    expect_loaded(false, false);
}

static void sees_a_removed_module(void **state)
{
    (void)state;
    struct err err;
    char path[128];
    snprintf(path, sizeof path, "%s/policies/lib/deep.lua", world.folder);
    unlink(path);
    use(index_text, 0);
    assert_int_equal(load(&err), -1);
    assert_non_null(strstr(err.message, "lib/deep.lua"));
}

/* What was compared is what runs. */
static void runs_what_it_compared(void **state)
{
    (void)state;
    use(index_text, 0);
    expect_loaded(false, false);
    world_write(&world, "policies/one.lua", "return nothing");
    world_write(&world, "policies/lib/deep.lua", "return true");
    world_expect(&world, find("one"), NULL, "non_compliant");
}

/* A module that appears before the one that was compared does not take its place. */
static void finds_modules_where_it_compared_them(void **state)
{
    (void)state;
    char path[128], fallback[128];
    snprintf(path, sizeof path, "%s/policies/lib/deep.lua", world.folder);
    snprintf(fallback, sizeof fallback, "%s/fallback", world.folder);
    unlink(path);
    assert_int_equal(mkdir(fallback, 0700), 0);
    world_write(&world, "fallback/deep.lua", "return false");
    const struct host_options options = {
        .loop = world.loop, .models = world.models, .index = index_text, .lib_dir = fallback};
    lua_evaluator_free(world.evaluator);
    world.evaluator = lua_evaluator_new(&options);
    expect_loaded(false, false);
    world_write(&world, "policies/lib/deep.lua", "return true");
    world_expect(&world, find("one"), NULL, "non_compliant");
}

static void sees_other_models(void **state)
{
    (void)state;
    char path[128];
    snprintf(path, sizeof path, "%s/models/sqs.model", world.folder);
    FILE *file = fopen(path, "a");
    assert_non_null(file);
    fputc(0, file);
    fclose(file);
    use(index_text, 0);
    expect_loaded(true, true);
}

static void write_json(const char *name, json_t *json)
{
    char *text = json_text(json);
    world_write(&world, name, text);
    mem_free(text);
    json_decref(json);
}

static void compile_another_version(void)
{
    struct err err = {0};
    struct models_report report;
    char source[128], models[128];
    json_t *model = json_load_file("tests/fixtures/host/service-2.json", 0, NULL);
    json_t *metadata = json_object_get(model, "metadata");
    assert_string_equal(json_get_string(metadata, "apiVersion", ""), "2012-11-05");
    json_object_set_new(metadata, "apiVersion", json_string("2013-11-05"));
    write_json("service-2.json", model);
    write_json("paginators-1.json",
               json_load_file("tests/fixtures/host/paginators-1.json", 0, NULL));
    snprintf(source, sizeof source, "%s/service-2.json", world.folder);
    snprintf(models, sizeof models, "%s/models", world.folder);
    if (models_compile(source, models, "sqs", &report, &err) != 0)
        fail_msg("%s", err.message);
}

/* Another version of the models may be as long as the one before. */
static void sees_other_models_of_the_same_size(void **state)
{
    (void)state;
    struct stat before, after;
    char path[128];
    snprintf(path, sizeof path, "%s/models/sqs.model", world.folder);
    assert_int_equal(stat(path, &before), 0);
    use(index_text, 0);
    expect_loaded(false, false);
    compile_another_version();
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(after.st_size, before.st_size);
    use(index_text, 0);
    expect_loaded(true, true);
}

/* The models of an index that was made without them may lack an operation. */
static void needs_an_index_that_was_made_with_models(void **state)
{
    (void)state;
    struct model_set *models = world.models;
    world.models = NULL;
    char *text = make_index();
    use(text, 0);
    expect_loaded(false, false);
    world.models = models;
    use(text, 0);
    expect_loaded(true, true);
    use(NULL, 0);
    mem_free(text);
}

static void ignores_an_index_that_it_cannot_read(void **state)
{
    (void)state;
    static const char *const damaged[] = {
        "", "{", "[]", "null", "{\"policies\":[]}", "{\"policies\":{},\"modules\":7}"};
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        use(damaged[i], 0);
        expect_loaded(true, true);
    }
    use(NULL, 0);
}

/* Replaces every value of an entry by one of another type. */
static void ignores_damaged_entries(void **state)
{
    (void)state;
    static const char *const members[] = {"requires", "models", "meta"};
    for (size_t i = 0; i < 3; i++) {
        const char *digest;
        json_t *entry, *index = json_loads(index_text, 0, NULL);
        json_object_foreach (json_object_get(index, "policies"), digest, entry)
            json_object_set_new(entry, members[i], json_integer(7));
        char *text = json_text(index);
        use(text, 0);
        expect_loaded(true, true);
        use(NULL, 0);
        mem_free(text);
        json_decref(index);
    }
}

/* The first job shows that the state cannot be created, and so does every other. The next run tries
 * again. */
static void fails_the_jobs_of_a_file_that_cannot_run(void **state)
{
    (void)state;
    use(index_text, 20000);
    expect_loaded(false, false);
    for (int i = 0; i < 4; i++) {
        json_t *outcome = world_audit(&world, find("one"), NULL);
        assert_non_null(strstr(json_get_string(outcome, "failed", ""), "not enough memory"));
        json_decref(outcome);
        assert_true(has_run("one"));
        if (i % 2 == 1)
            world.evaluator->forget(world.evaluator->self);
        assert_int_equal(has_run("one"), i % 2 == 0);
    }
}

/* The real policies, without models: each is known, with the same metadata. */
static void knows_the_policies_of_the_product(void **state)
{
    (void)state;
    struct err err = {0};
    size_t count, again;
    struct evaluator *full = lua_evaluator_new(&(struct host_options){.loop = world.loop});
    if (full->load(full->self, "policies", &err) != 0)
        fail_msg("%s", err.message);
    char *text = index_of(full);
    struct evaluator *quick =
        lua_evaluator_new(&(struct host_options){.loop = world.loop, .index = text});
    assert_int_equal(quick->load(quick->self, "policies", &err), 0);
    const struct policy *const *all = full->all(full->self, &count);
    const struct policy *const *known = quick->all(quick->self, &again);
    assert_int_equal(count, again);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        assert_null(policy_file_of(known[i])->state);
        assert_true(json_equal(known[i]->meta, all[i]->meta));
    }
    lua_evaluator_free(quick);
    lua_evaluator_free(full);
    mem_free(text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(runs_a_known_file_for_its_first_job),
        TEST(knows_nothing_of_other_contents),
        TEST(sees_changed_modules),
        TEST(sees_a_removed_module),
        TEST(runs_what_it_compared),
        TEST(finds_modules_where_it_compared_them),
        TEST(sees_other_models),
        TEST(sees_other_models_of_the_same_size),
        TEST(needs_an_index_that_was_made_with_models),
        TEST(ignores_an_index_that_it_cannot_read),
        TEST(ignores_damaged_entries),
        TEST(fails_the_jobs_of_a_file_that_cannot_run),
        TEST(knows_the_policies_of_the_product),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
