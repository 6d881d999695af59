/* The tables that a file leaves when it has run are frozen: no resource's data reaches another's
 * verdict. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/tricks.h"

/* Check a, made by a function that has variables of its own. */
#define CHECK(variables, body)                                                                     \
    "fetch = function() return {} end, checks = (function() " variables                            \
    " return { check('a', function(r, s)\n" body " end), check('b', pass) } end)()"

static const struct trick writes[] = {
    {"a table", CHECK("local t = {}", "t[r.id] = true return true"), "~cannot be set"},
    {"a table within", CHECK("local t = { x = {} }", "t.x[1] = 1 return true"), "~cannot be set"},
    {"by insert", CHECK("local t = {}", "table.insert(t, 1) return true"), "~cannot be set"},
    {"by a function of the file",
     CHECK("local t = {} local function put(x) t.x = x end", "put(1) return true"),
     "~cannot be set"},
    {"by a function in a table",
     CHECK("local t = {} local f = { put = function(x) t.x = x end }", "f.put(1) return true"),
     "~cannot be set"},
    {"what a function gives out",
     CHECK("local function make() local t = {} return function() return t end end\n"
           "local get = make()",
           "get().x = 1 return true"),
     "~cannot be set"},
    {"a table in a circle", CHECK("local t = {} t.t = t", "t.t.t.x = 1 return true"),
     "~cannot be set"},
    {"an environment of one's own",
     "fetch = function() return {} end, checks = { check('a', (function() local _ENV = {}\n"
     "return function() n = 1 return true end end)()), check('b', pass) }",
     "~cannot be set"},
};

static void tables_cannot_be_written(void **state)
{
    (void)state;
    TRICKS_RUN(writes, NULL);
}

static const struct trick reads[] = {
    {"a table",
     CHECK("local t = { 3, 4, x = { 5 } }", "local n = #t for _, v in ipairs(t) do n = n + v end\n"
                                            "for k in pairs(t) do n = n + 1 end\n"
                                            "return n + t.x[1] + #table.concat(t) == 19"),
     "compliant, compliant"},
    {"the same table by two names", CHECK("local t = {} local u = { t }", "return u[1] == t"),
     "compliant, compliant"},
    {"a module", CHECK("local none = none", "return none ~= nil"), "compliant, compliant"},
    {"functions that call each other",
     CHECK("local f, g function f(n) return n == 0 or g(n - 1) end\n"
           "function g(n) return n == 0 or f(n - 1) end",
           "return f(9)"),
     "compliant, compliant"},
    {"a counter of one call",
     CHECK("", "local n, t = 0, {} r:map({ 1, 2 }, function(i) n = n + i t[i] = i end)\n"
               "return n == 3 and #t == 2"),
     "compliant, compliant"},
};

static void reads_as_before(void **state)
{
    (void)state;
    TRICKS_RUN(reads, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tables_cannot_be_written, tricks_set_up, tricks_tear_down),
        cmocka_unit_test_setup_teardown(reads_as_before, tricks_set_up, tricks_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
