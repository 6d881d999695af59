/* What Lua's own string library cannot do and ours must: stop, stay within its memory, and not use
 * up the C stack. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>

#include "bindings/libs/lib_string.h"
#include "pattern/pattern.h"
#include "support/host_world.h"
#include "support/slowed.h"
#include "support/string_states.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void assert_says(const char *code, uint64_t steps, const char *beginning)
{
    string_budget.left = steps;
    const char *got = string_answer(string_ours, code);
    if (strncmp(got, beginning, strlen(beginning)) != 0)
        fail_msg("%s\nsaid %s\nnot  %s", code, got, beginning);
}

static void test_budget_stops(void **state)
{
    (void)state;
    static const char stopped[] = "false;string=";
    static const char *const hangs[] = {
        "return ('a'):rep(400):find('.-.-.-.-b')",
        "return ('a'):rep(400):match('.-.-.-.-b')",
        "return ('a'):rep(400):match('.*.*.*.*b')",
        "return ('a'):rep(400):match('a?a*a-a+b')",
        "return ('a'):rep(400):gsub('.-.-.-.-b', '')",
        "return ('a'):rep(400):gmatch('.-.-.-.-b')()",
        "return ('a'):rep(100000):find('a*b')",
        "return ('('):rep(100000):find('%b()')",
        "return ('a'):rep(100000):find('(.*)%1b')",
        "return ('a'):rep(1000000):gsub('', ('%1'):rep(500000))",
        "return ('a'):rep(1000):find(('a?'):rep(30000) .. 'b')",
    };
    for (size_t i = 0; i < COUNT(hangs); i++) {
        assert_says(hangs[i], MEGA, stopped);
        assert_non_null(
            strstr(string_answer(string_ours, hangs[i]), "pattern took too many steps (in '"));
        assert_int_equal(string_budget.left, 0);
    }
    assert_says("return ('a'):rep(400):find('.-.-.-.-b\\n' .. ('x'):rep(50))", MEGA,
                "false;string=?:1: pattern took too many steps "
                "(in '.-.-.-.-b?xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...')");
}

/* A run of repeated bytes costs its length, even if no backtracking follows. */
static void test_budget_counts_runs(void **state)
{
    (void)state;
    assert_says("return ('a'):rep(1000):match('^a*$')", 900, "false;string=?:1: pattern took");
    assert_says("return #('a'):rep(1000):match('^a*$')", 1100, "true;integer=1000");
}

static void test_budget_stays_used_up(void **state)
{
    (void)state;
    assert_says("pcall(string.find, ('a'):rep(400), '.-.-.-.-b')\n"
                "return pcall(string.find, 'a', '%a'), pcall(string.find, 'a', 'a'),\n"
                "  pcall(string.gsub, 'a', 'a', 'b'), (pcall(string.gmatch, 'a', 'a'))",
                MEGA, "true;boolean=false;boolean=false;boolean=false;boolean=false");
    assert_says("return ('a'):find('%a')", 100, "true;integer=1;integer=1");
    assert_in_range(string_budget.left, 1, 99);
}

/* An iterator that was made under one string_budget is charged to the next. */
static void test_gmatch_charges_the_present_budget(void **state)
{
    (void)state;
    assert_says("step = ('a'):rep(1000):gmatch('.') return step()", 1000, "true;string=a");
    assert_says("return step()", 1, "false;string=?:1: pattern took too many steps (in '.')");
    assert_says("return step()", 100, "true;string=a");
    assert_true(string_budget.left < 100);
}

static struct pattern_budget *no_budget(lua_State *L)
{
    (void)L;
    return NULL;
}

static void test_no_budget_is_no_limit(void **state)
{
    (void)state;
    lua_getglobal(string_ours, "string");
    lib_string_install(string_ours, no_budget);
    assert_says("return ('a'):rep(2000):find('a*b'), ('b'):find('b')", 0,
                "true;nil=nil;integer=1;integer=1");
}

/* Linear work on a megabyte costs a few steps per byte, and no stack. */
static const char *const long_programs[] = {
    "return s:match('^.-b$') == s",
    "return #s:match('a*') == 1000000",
    "return s:find('b') == 1000001",
    "return s:find('a*b') == 1",
    "return s:find('.-b') == 1",
    "return #(s:sub(1, -2) .. '*'):match('(a*)*') == 1000000",
    "return (s .. '*'):find('(a*)b*') == 1",
    "return s:find('^(a*)(a-)b$') == 1",
    "return #s:gsub('a', 'x') == 1000001",
    "return #s:gsub('.', '%0') == 1000001",
    "return select(2, s:gsub('', '')) == 1000002",
    "local n = 0 for _ in s:gmatch('a') do n = n + 1 end return n == 1000000",
    "local p = ('('):rep(500000) .. (')'):rep(500000) return p:match('^%b()$') == p",
    "local p = ('\\0'):rep(1000000) return #p:match('^\\0*$') == 1000000",
    "return s:find(('a'):rep(60000)) == 1",
    "return s:match('^' .. ('a?'):rep(30000) .. '()') == 30001",
    "return s:find(('a-'):rep(30000) .. '$', 999000) == 999000 or true",
};

static void run_long_programs(void)
{
    string_budget.left = AMPLE;
    assert_string_equal(string_answer(string_ours, "s = ('a'):rep(1000000) .. 'b'"), "true");
    for (size_t i = 0; i + 1 < COUNT(long_programs); i++)
        assert_says(long_programs[i], 8 * MEGA, "true;boolean=true");
    assert_says(long_programs[COUNT(long_programs) - 1], 8 * MEGA, "false;string=");
}

static void test_long_subjects(void **state)
{
    (void)state;
    if (!is_slowed()) /* then once is enough, on the small stack */
        run_long_programs();
}

static void *on_small_stack(void *unused)
{
    run_long_programs();
    return unused;
}

static void test_small_stack(void **state)
{
    (void)state;
    pthread_attr_t attr;
    pthread_t thread;
    assert_int_equal(pthread_attr_init(&attr), 0);
    assert_int_equal(pthread_attr_setstacksize(&attr, 128 * 1024), 0);
    assert_int_equal(pthread_create(&thread, &attr, on_small_stack, NULL), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    pthread_attr_destroy(&attr);
}

static void test_pattern_length(void **state)
{
    (void)state;
    assert_says("return ('a'):match(('%a'):rep(32767) .. '?') == nil", AMPLE, "true;boolean=true");
    assert_says("return ('a'):match(('[^]a-]'):rep(10922))", AMPLE, "true;nil=nil");
    assert_says("return ('a'):match(('a'):rep(65536))", AMPLE,
                "false;string=?:1: pattern too long (65536 bytes, at most 65535)");
    assert_says("return ('a'):rep(70000):find(('a'):rep(65536))", AMPLE,
                "true;integer=1;integer=65536");
}

static void test_rep_limit(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "return ('x'):rep(1048577)",
        "return ('x'):rep(1 << 62)",
        "return ('xy'):rep(math.maxinteger)",
        "return ('x'):rep(524289, 'y')",
        "return (''):rep(1048578, 'y')",
        "return ('x'):rep(1000):rep(1049)",
        "return ('x'):rep(2, ('y'):rep(1048575))",
        "return ('x'):rep(2, ('y'):rep(1048576) .. 'y')",
    };
    for (size_t i = 0; i < COUNT(refused); i++)
        assert_says(refused[i], MEGA,
                    "false;string=?:1: resulting string too large (over 1048576 bytes)");
    assert_says("return (''):rep(math.maxinteger), #(''):rep(1048577, 'y')", MEGA,
                "true;string=;integer=1048576");
    assert_says("return #('x'):rep(2, ('y'):rep(1048574))", MEGA, "true;integer=1048576");
    assert_says("return #(('x'):rep(1048576) .. 'x'):rep(0)", MEGA, "true;integer=0");
}

static void test_dump_is_gone(void **state)
{
    (void)state;
    assert_says("return string.dump, type(string.format)", MEGA, "true;nil=nil;string=function");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_budget_stops, string_states_set_up,
                                        string_states_tear_down),
        cmocka_unit_test_setup_teardown(test_budget_counts_runs, string_states_set_up,
                                        string_states_tear_down),
        cmocka_unit_test_setup_teardown(test_budget_stays_used_up, string_states_set_up,
                                        string_states_tear_down),
        cmocka_unit_test_setup_teardown(test_gmatch_charges_the_present_budget,
                                        string_states_set_up, string_states_tear_down),
        cmocka_unit_test_setup_teardown(test_no_budget_is_no_limit, string_states_set_up,
                                        string_states_tear_down),
        cmocka_unit_test_setup_teardown(test_long_subjects, string_states_set_up,
                                        string_states_tear_down),
        cmocka_unit_test_setup_teardown(test_small_stack, string_states_set_up,
                                        string_states_tear_down),
        cmocka_unit_test_setup_teardown(test_pattern_length, string_states_set_up,
                                        string_states_tear_down),
        cmocka_unit_test_setup_teardown(test_rep_limit, string_states_set_up,
                                        string_states_tear_down),
        cmocka_unit_test_setup_teardown(test_dump_is_gone, string_states_set_up,
                                        string_states_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
