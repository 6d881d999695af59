/* Rules as Lua data: what such a file may contain, and what it cannot do; and what is reported
 * about rules that nearly match. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "bindings/policy/evaluator.h"
#include "exceptions/exceptions.h"
#include "exceptions/exceptions_rule.h"
#include "support/models.h"
#include "support/prepared.h"
#include "value/json.h"

#define SAYS "reason = 'agreed', expires = '2027-01-01'"

static struct loop *loop;
static struct evaluator *evaluator;
static struct exceptions *loaded;
static struct err err;
static char *folder, *path;
static struct policy queue, group;

static const char *no_variables(const char *name)
{
    (void)name;
    return NULL;
}

static int set_up(void **state)
{
    (void)state;
    loop = loop_new();
    evaluator = lua_evaluator_new(&(struct host_options){.loop = loop, .code = *prepared_code()});
    folder = scratch_folder();
    path = scratch_path(folder, "rules.lua");
    queue = (struct policy){.type = "sqs", .meta = json_loads("{\"tags\":true}", 0, NULL)};
    group = (struct policy){.type = "security_group", .meta = json_object()};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    exceptions_free(loaded);
    loaded = NULL;
    lua_evaluator_free(evaluator);
    loop_free(loop);
    scratch_remove(folder);
    mem_free(path);
    json_decref((json_t *)(uintptr_t)queue.meta);
    json_decref((json_t *)(uintptr_t)group.meta);
    return 0;
}

static void load(const char *text)
{
    int64_t now_ms = 0;
    struct settings settings = {.exceptions = path};
    scratch_write(path, text, strlen(text));
    assert_int_equal(clock_parse_rfc3339("2026-11-23T10:00:00Z", &now_ms), 0);
    exceptions_free(loaded);
    err_clear(&err);
    loaded = exceptions_load(&settings, NULL, evaluator, no_variables, now_ms, &err);
}

static void load_good(const char *text)
{
    load(text);
    assert_string_equal(err.message, "");
    assert_false(exceptions_audit_only(loaded));
}

static const char *keeper(const struct policy *policy, const char *id, const json_t *tags)
{
    struct resource *resource = resource_new("111122223333", "us-east-1", policy->type, id);
    const struct exceptions_subject subject = {
        .policy = policy, .resource = resource, .check = "sqs.public", .tags = tags};
    const json_t *match = exceptions_match(loaded, &subject);
    resource_free(resource);
    return json_get_string(match, "rule", "");
}

static void test_data(void **state)
{
    (void)state;
    load_good("local says = 'agreed'\n"
              "local function rule(id) return { id = id, reason = says, expires = '2027-01-01' } "
              "end\n"
              "local rules = {}\n"
              "for i = 1, 3 do rules[i] = rule('q-' .. i) end\n"
              "rules[#rules + 1] = { type = {'sqs', 'ami'}, tag = { keep = 'y*' }, " SAYS " }\n"
              "return { rules = rules }\n");
    json_t *tags = json_pack("{s:s}", "keep", "yes");
    assert_non_null(strstr(keeper(&queue, "q-2", NULL), "rules.lua: rules[2]"));
    assert_non_null(strstr(keeper(&queue, "other", tags), "rules[4]"));
    assert_string_equal(keeper(&queue, "q-4", NULL), "");
    assert_string_equal(keeper(&queue, "q-22", NULL), "");
    json_decref(tags);
}

/* "number of the rule: text" of each, in order. */
static void explains(const struct policy *policy, const json_t *tags, const char *want)
{
    char text[1024] = "";
    size_t i;
    json_t *entry;
    struct resource *resource = resource_new("111122223333", "us-east-1", policy->type, "q");
    const struct exceptions_subject subject = {
        .policy = policy, .resource = resource, .check = "sqs.public", .tags = tags};
    json_t *list = exceptions_explain(loaded, &subject);
    resource_free(resource);
    json_array_foreach (list, i, entry) {
        strcat(text, strrchr(json_get_string(entry, "rule", "["), '['));
        strcat(text, " ");
        strcat(text, json_get_string(entry, "says", ""));
        strcat(text, "\n");
        assert_string_not_equal(json_get_string(entry, "reason", ""), "");
    }
    json_decref(list);
    assert_string_equal(text, want);
}

/* Lua strings are bytes: a reason that is not UTF-8 must not disable the rule, and the name of a
 * tag must not make it match more than it says. */
static void test_any_bytes(void **state)
{
    (void)state;
    load_good("return { rules = { { id = 'q', owner = 'caf\\233', reason = '\\255', "
              "expires = '2027-01-01' } } }");
    assert_non_null(strstr(keeper(&queue, "q", NULL), "rules[1]"));
    assert_string_equal(keeper(&queue, "other", NULL), "");
    explains(&queue, NULL, "[1] matches\n");
    load_good("return { rules = { { tag = { ['caf\\233'] = 'x' }, " SAYS " } } }");
    json_t *tags = json_pack("{s:s}", "other", "x");
    assert_string_equal(keeper(&queue, "q", tags), "");
    json_object_set_new_nocheck(tags, "caf\xe9", json_string("x"));
    assert_non_null(strstr(keeper(&queue, "q", tags), "rules[1]"));
    json_decref(tags);
}

static void test_no_rules(void **state)
{
    (void)state;
    load_good("return { rules = {} }");
    assert_string_equal(keeper(&queue, "q", NULL), "");
}

static void broken(const char *text, const char *word)
{
    load(text);
    assert_true(exceptions_audit_only(loaded));
    if (strstr(err.message, word) == NULL || strstr(err.message, "rules.lua") == NULL)
        fail_msg("'%s' does not name the file and '%s'", err.message, word);
}

static void test_broken(void **state)
{
    (void)state;
    broken("return {", "rules.lua:1:");
    broken("\nreturn { rules = { { id = 'a', reason = 'r' } } }", "rules[1]: \"expires\"");
    broken("return { rules = { { acount = '1', " SAYS " } } }", "did you mean \"account\"?");
    broken("return { rules = { { account = 111122223333, " SAYS " } } }", "\"account\"");
    broken("return { rules = { { id = {}, " SAYS " } } }", "\"id\"");
    broken("return { rules = { { id = 'a', b = function() end, " SAYS " } } }",
           "rules[1].b is a function");
    broken("return { rules = { { id = 'a', " SAYS " }, x = 1 } }", ".rules is neither a list");
    broken("return { rules = {}, more = 1 }", "unknown field \"more\"");
    broken("return 7", "return {");
    broken("", "return {");
    broken("return {}, {}", "return {");
    broken("return {}", "\"rules\"");
}

/* Whatever a program might try: it has no functions to do it with. */
static void test_no_functions_are_available(void **state)
{
    (void)state;
    static const char *const names[] = {"os",    "io",        "require",      "load",   "print",
                                        "pairs", "string",    "setmetatable", "pcall",  "json",
                                        "_G",    "coroutine", "policy",       "package"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *text = mem_printf("local x = %s\nreturn { rules = {} }", names[i]);
        char *word = mem_printf(":1: there is no global \"%s\"", names[i]);
        broken(text, word);
        mem_free(text);
        mem_free(word);
    }
    broken("rules = {}\nreturn { rules = rules }", "there is no global \"rules\"");
    broken("return { rules = { { id = ('a'):rep(3), " SAYS " } } }", "index");
    broken("\x1bLua", "attempt to load");
}

static void test_work_is_limited(void **state)
{
    (void)state;
    broken("while true do end\nreturn { rules = {} }", "the data file runs too long");
    broken("local function f() return f() end\nreturn f()", "the data file runs too long");
    broken("local s = 'x'\nfor i = 1, 60 do s = s .. s end\nreturn { rules = {} }", "more memory");
    broken("local t = {}\nt.rules = t\nreturn t", "512 deep");
}

static void test_missing(void **state)
{
    (void)state;
    struct settings settings = {.exceptions = path};
    loaded = exceptions_load(&settings, NULL, evaluator, no_variables, 0, &err);
    assert_true(exceptions_audit_only(loaded));
    assert_non_null(strstr(err.message, "No such file"));
    exceptions_free(loaded);
    loaded = exceptions_load(&settings, NULL, NULL, no_variables, 0, &err);
    assert_true(exceptions_audit_only(loaded));
    assert_non_null(strstr(err.message, "this command cannot read Lua"));
}

static void test_explain(void **state)
{
    (void)state;
    load_good("return { rules = {\n"
              "  { id = 'q', reason = 'old', expires = '2026-11-22' },\n"
              "  { id = 'q', type = 'sqs', " SAYS " },\n"
              "  { id = 'q', region = 'eu-*', " SAYS " },\n"
              "  { id = 'other', " SAYS " },\n"
              "  { id = 'other', type = 'ami', " SAYS " },\n"
              "  { id = 'q', tag = { keep = 'yes' }, " SAYS " },\n"
              "  { id = 'q', type = 'sqs', account = '1*', check = '*.shared', " SAYS " },\n"
              "} }");
    json_t *tags = json_pack("{s:s}", "keep", "no");
    explains(&queue, tags,
             "[1] expired on 2026-11-22\n[2] matches\n[3] its region differs\n"
             "[6] its tag differs\n[7] its check differs\n");
    explains(&queue, NULL,
             "[1] expired on 2026-11-22\n[2] matches\n[3] its region differs\n"
             "[6] depends on tags, which are not known\n[7] its check differs\n");
    json_decref(tags);
}

static const char *doubt(const struct policy *policy, const char *id, const json_t *tags)
{
    struct resource *resource = resource_new("111122223333", "us-east-1", policy->type, id);
    const struct exceptions_subject subject = {
        .policy = policy, .resource = resource, .check = "sqs.public", .tags = tags};
    const char *rule = exceptions_doubt(loaded, &subject);
    resource_free(resource);
    return rule != NULL ? strrchr(rule, '[') : "";
}

/* If tags are unknown, a rule that requires tags might apply. */
static void test_tags_that_are_not_known(void **state)
{
    (void)state;
    json_t *tags = json_object(), *null = json_null();
    load_good("return { rules = {\n"
              "  { id = 'old', tag = { keep = 'yes' }, reason = 'r', expires = '2020-01-01' },\n"
              "  { id = 'q*', tag = { keep = 'yes' }, " SAYS " },\n"
              "  { id = 'g*', type = 'security_group', tag = { keep = 'yes' }, " SAYS " },\n"
              "} }");
    assert_string_equal(doubt(&queue, "q-1", NULL), "[2]");
    assert_string_equal(doubt(&queue, "q-1", null), "[2]");
    assert_string_equal(doubt(&queue, "q-1", tags), "");
    assert_string_equal(doubt(&queue, "a-1", NULL), "");
    assert_string_equal(doubt(&queue, "old", NULL), "");
    assert_string_equal(doubt(&group, "q-1", NULL), "");
    assert_string_equal(doubt(&group, "g-1", NULL), "[3]");
    assert_null(exceptions_doubt(NULL, &(struct exceptions_subject){0}));
    assert_null(exceptions_match(NULL, &(struct exceptions_subject){0}));
    json_decref(tags);
    json_decref(null);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_data),
        TEST(test_any_bytes),
        TEST(test_no_rules),
        TEST(test_broken),
        TEST(test_no_functions_are_available),
        TEST(test_work_is_limited),
        TEST(test_missing),
        TEST(test_explain),
        TEST(test_tags_that_are_not_known),
    };
    mem_install();
    return cmocka_run_group_tests_name("exceptions in Lua", tests, NULL, NULL);
}
