/* Small Lua programs that must give the same result with our string functions as with the
 * library's: argument errors, replacements of every kind, callbacks that raise errors, iterators.
 * */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/string_states.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const char *const programs[] = {
    "return ('abc'):find('b', 1, true)",
    "return ('a.c'):find('.', 1, true)",
    "return ('a.c'):find('.', 2, true)",
    "return ('abc'):find('', 4)",
    "return ('abc'):find('', 5)",
    "return ('abc'):find('', 4, true)",
    "return ('a\\0b'):find('\\0b', 1, true)",
    "return ('a'):find(')')",
    "return ('a)'):find(')')",
    "return (12345):rep(1), ('12345'):find(34)",
    "return string.find(12345, 34)",
    "return string.match(2^53, '%d+')",
    "return string.find()",
    "return string.find('a')",
    "return string.find({}, 'a')",
    "return string.find('a', nil)",
    "return string.find('a', 'a', 'x')",
    "return string.find('a', 'a', 1.5)",
    "return string.match('a', {})",
    "return string.gmatch('a')",
    "return string.gmatch(nil, 'a')",
    "return string.gsub('a', 'a')",
    "return string.gsub('a', 'a', true)",
    "return string.gsub('a', 'a', nil)",
    "return string.gsub('a', 'a', 'b', 'c')",
    "return string.gsub('aaa', 'a', 'b', 2)",
    "return string.gsub('aaa', 'a', 'b', 0)",
    "return string.gsub('aaa', 'a', 'b', -1)",
    "return string.gsub('aaa', '', '-')",
    "return string.gsub('aaa', '', '-', 2)",
    "return string.gsub('abc', '%w', '%0%0')",
    "return string.gsub('abc', '%w', '%1')",
    "return string.gsub('abc', '(%w)', '%2')",
    "return string.gsub('abc', '%w', '%2')",
    "return string.gsub('abc', '%w', '%')",
    "return string.gsub('abc', '%w', '%x')",
    "return string.gsub('abc', '%w', '%\\0')",
    "return string.gsub('abc', 'z', '%x')",
    "return string.gsub('abc', '%w', '%%')",
    "return string.gsub('abc', '()', '%1')",
    "return string.gsub('abc', '()b', '[%1]')",
    "return string.gsub('abc', '(b', 'x')",
    "return string.gsub('abc', '(b', '%1')",
    "return string.gsub('abc', 'b', 7)",
    "return string.gsub('abc', 'b', 7.5)",
    "return string.gsub('hello world', '(%w+) (%w+)', '%2 %1')",
    "return string.gsub('abc', '^%w', 'x')",
    "return string.gsub('abc', '^z', 'x')",
    "return string.gsub('abc def', '%f[%w]%w+', string.upper)",
    "return string.gsub('abc', '%w', { a = '1', b = true })",
    "return string.gsub('abc', '%w', { a = '1', b = false })",
    "return string.gsub('abc', '%w', { a = {} })",
    "return string.gsub('abc', '%w', function() return {} end)",
    "return string.gsub('abc', '%w', function() return print end)",
    "return string.gsub('abc', '%w', function() return 1.5 end)",
    "return string.gsub('abc', '%w', function() end)",
    "return string.gsub('abc', '()(%w)', function(i, c) return c .. i end)",
    "return string.gsub('abc', '%w', function(c) error('on ' .. c) end)",
    "return string.gsub('abc', '%w', function(c) error(0, 0) end)",
    "return string.gsub('abc', '%w', setmetatable({}, { __index = function(_, k)"
    " return k .. k end }))",
    "return string.gsub('abc', '%w', setmetatable({}, { __index = function(_, k)"
    " error('no ' .. k) end }))",
    "return string.gsub('a b c', '%w', function(c) return (c:gsub('b', 'x%0x')) end)",
    "return coroutine.wrap(function() return string.gsub('abc', '%w', coroutine.yield) end)()",
    "local t = {} for k, v in ('a=1, b=2'):gmatch('(%w+)=(%w+)') do t[#t + 1] = k .. v end"
    " return table.concat(t, ' ')",
    "local t = {} for k in ('abc'):gmatch('^a') do t[#t + 1] = k end return #t",
    "local t = {} for k in ('^ab^a'):gmatch('^a') do t[#t + 1] = k end return #t",
    "local t = {} for k in ('abc'):gmatch('()', -2) do t[#t + 1] = k end"
    " return table.concat(t, ' ')",
    "local t = {} for k in ('xuxx uu ppar r'):gmatch('()(.)%2') do t[#t + 1] = k end"
    " return table.concat(t, ' ')",
    "local f = ('ab'):gmatch('.') return f(), f(), f(), f(), f()",
    "local f = ('abc'):gmatch('b*') return f(), f(), f(), f(), f()",
    "local f, g = ('abc'):gmatch('.'), ('xyz'):gmatch('.') return f(), g(), f(), g()",
    "return ('abc'):gmatch('[')()",
    "return ('x'):rep(3), ('x'):rep(0), ('x'):rep(-1), ('x'):rep(3, ','), ('x'):rep(1, ',')",
    "return (''):rep(3), (''):rep(3, '-'), ('ab'):rep(2, ''), (7):rep(2, 8)",
    "return ('x'):rep()",
    "return string.rep({}, 1)",
    "return string.rep('x', 1, {})",
    "return ('x'):rep(1.5)",
    "return #('x'):rep(1048576), #('x'):rep(524288, 'y')",
};

static void test_programs(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(programs); i++) {
        string_budget.left = AMPLE;
        const char *want = string_answer(string_stock, programs[i]);
        const char *got = string_answer(string_ours, programs[i]);
        if (strcmp(want, got) != 0)
            fail_msg("%s\nlibrary: %s\nours:    %s", programs[i], want, got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_programs, string_states_set_up,
                                        string_states_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
