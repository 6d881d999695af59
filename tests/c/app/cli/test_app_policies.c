/* Policies of several directories: one's own beside the built-in ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/cli/app.h"
#include "base/mem.h"
#include "support/app_case.h"
#include "support/models.h"

/* A policy of this type, whose check has the title that lib.words says. */
#define POLICY(type)                                                                               \
    "return policy { type = '" type "', title = 'A', permissions = { read = {} },\n"               \
    "  fetch = function() return {} end,\n"                                                        \
    "  checks = { { id = '" type ".own', title = require 'lib.words', severity = 'low',\n"         \
    "    audit = function() return true end } } }\n"

static const char *const files[] = {"own/queue.lua",          "own/vault.lua",
                                    "own/engine.lua",         "own/lib/words.lua",
                                    "policies/lib/words.lua", "own/tests/vault_test.lua"};
static const char *const folders[] = {"own/lib", "own/tests", "own", "policies/lib"};

static void folder(const char *name)
{
    char *path = scratch_path(app_case.folder, name);
    assert_int_equal(mkdir(path, 0700), 0);
    mem_free(path);
}

static int set_up(void **state)
{
    app_case_set_up(state);
    folder("own");
    folder("policies/lib");
    app_file("own/vault.lua", POLICY("vault"));
    app_file("policies/lib/words.lua", "return 'of theirs'\n");
    return 0;
}

static int tear_down(void **state)
{
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char *path = scratch_path(app_case.folder, files[i]);
        unlink(path);
        mem_free(path);
    }
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        char *path = scratch_path(app_case.folder, folders[i]);
        rmdir(path);
        mem_free(path);
    }
    return app_case_tear_down(state);
}

static void both_are_used(void **state)
{
    (void)state;
    static const char *const same[] = {"check --policies own:policies",
                                       "check --policies own --policies policies"};
    for (size_t i = 0; i < 2; i++) {
        app_expect(0, "own/vault.lua", same[i]);
        app_wrote("policies/queue.lua");
        app_wrote("2 policies, ");
    }
    app_setenv("ENGINE_POLICIES", "own:policies");
    app_expect(0, "queue.public", "explain queue.public");
    app_expect(0, "vault.own", "generate checks");
    app_file("config.json", "{\"ENGINE_POLICIES\": [\"own\", \"policies\"]}");
    app_setenv("ENGINE_POLICIES", NULL);
    app_expect(0, "2 policies, ", "check --config config.json");
    app_expect(0, "1 policy, ", "check vault --policies policies:own");
}

/* Beside the policy, then in the other directories. */
static void libraries_are_found_in_all(void **state)
{
    (void)state;
    app_expect(0, "of theirs", "explain vault.own --policies own:policies");
    folder("own/lib");
    app_file("own/lib/words.lua", "return 'of my own'\n");
    app_expect(0, "of my own", "explain vault.own --policies policies:own");
    app_file("script.lua", "print(require 'lib.words')\n");
    app_expect(0, "of my own", "run --policies own:policies script.lua");
    app_expect(0, "of theirs", "run --policies policies:own script.lua");
}

static void the_first_of_a_type_counts(void **state)
{
    (void)state;
    app_file("own/queue.lua", POLICY("queue"));
    app_expect(0, "own/queue.lua", "check --policies own:policies");
    app_wrote("2 policies, ");
    app_expect(0, "policies/queue.lua is not used: own/queue.lua has the same type",
               "check --policies own:policies --log-level info");
    app_expect(0, "policies/queue.lua", "check --policies policies:own");
    app_file("own/vault.lua", POLICY("queue"));
    app_expect(1, "is already used by", "check --policies own:policies");
}

/* An author may save them where the policies are. */
static void annotations_for_editors_are_no_policy(void **state)
{
    (void)state;
    app_expect(0, "---@meta", "generate types --policies own:policies");
    app_file("own/engine.lua", app_case.out);
    app_expect(0, "2 policies, ", "check --policies own:policies");
    app_expect(0, "1 policy, ", "check own");
    app_expect(0, "vault.own", "explain vault --policies own:policies");
    app_file("own/engine.lua", "--@meta\nx = 1\n");
    app_expect(1, "own/engine.lua:2: global \"x\" cannot be set", "check --policies own:policies");
}

/* As with --policy. */
static void types_and_aliases_name_policies(void **state)
{
    static const char policy[] =
        "return policy { type = 'vault', aliases = { 'safe' }, title = 'A',\n"
        "  permissions = { read = {} }, fetch = function() return {} end,\n"
        "  checks = { { id = 'vault.own', title = 'T', severity = 'low',\n"
        "    audit = function() return true end } } }\n";
    static const char *const names[] = {"vault", "safe", "safe.lua", "own/vault.lua"};
    char words[128];
    (void)state;
    folder("own/tests");
    app_file("own/vault.lua", policy);
    app_file("own/tests/vault_test.lua", "return { policy = 'vault', cases = { { name = 'n', "
                                         "id = 'v', replies = {}, expect = 'compliant' } } }");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(words, sizeof words, "check %s --policies policies:own", names[i]);
        app_expect(0, "own/vault.lua", words);
        app_wrote("1 policy, 1 check");
        snprintf(words, sizeof words, "test %s --policies policies:own", names[i]);
        app_expect(0, "1 file: 1 passed, 0 failed", words);
    }
    app_expect(EXIT_USAGE, "policies/queue.lua has no tests, neither beside it nor in",
               "test queue --policies policies:own");
    app_expect(EXIT_USAGE, "saef: No such file or directory, and no type or alias",
               "test saef --policies policies:own");
    app_expect(EXIT_USAGE, "own/nothing: No such file", "test own/nothing --policies own");
    app_file("own/vault.lua", "return 7\n");
    app_expect(1, "own/vault.lua:1: the file must return", "check saef --policies policies:own");
}

static void wrong_lists(void **state)
{
    (void)state;
    app_expect(EXIT_USAGE, "'nowhere' is not a directory", "check --policies own:nowhere");
    app_expect(EXIT_USAGE, "several are separated by ':'", "check --policies own,policies");
    app_expect(EXIT_USAGE, "'' is not a directory", "check --policies own::policies");
    app_expect(EXIT_USAGE, "no built-in policies", "check --policies own:builtin");
    app_expect(
        EXIT_USAGE,
        "no such policy file, type or alias, did you mean \"vault\"? (policies: policies:own)",
        "check vaulr --policies policies:own");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        TEST(both_are_used),
        TEST(libraries_are_found_in_all),
        TEST(the_first_of_a_type_counts),
        TEST(annotations_for_editors_are_no_policy),
        TEST(types_and_aliases_name_policies),
        TEST(wrong_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
