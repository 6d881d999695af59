/* The progress of apply and undo, on a terminal only. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/app_case.h"

static void plan(void)
{
    assert_int_equal(app_run(APP_LINE, "plan --output p"), 2);
}

static void shows_how_far_it_is(void **state)
{
    (void)state;
    plan();
    app_case.terminal = true;
    app_expect(0, "applied 1 of 1", "apply p");
    app_expect(0, "undid 0 of 1", "undo p.journal");
    app_wrote("undid 1 of 1");
    app_wrote("\r\x1b[K");
}

static void shows_nothing_elsewhere(void **state)
{
    static const char *const words[] = {"apply p --quiet", "undo p.journal --quiet",
                                        "apply p --log-format json",
                                        "undo p.journal --log-format json"};
    (void)state;
    plan();
    app_expect(0, "", "apply p");
    assert_null(strstr(app_case.err, "applied"));
    app_expect(0, "", "undo p.journal");
    assert_null(strstr(app_case.err, "undid"));
    app_case.terminal = true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        app_expect(0, "", words[i]);
        assert_null(strstr(app_case.err, "applied"));
        assert_null(strstr(app_case.err, "undid"));
    }
}

static void shows_nothing_if_lines_cannot_be_drawn_again(void **state)
{
    (void)state;
    plan();
    app_case.terminal = true;
    app_setenv("TERM", "dumb");
    app_expect(0, "", "apply p");
    assert_null(strstr(app_case.err, "applied"));
    app_expect(0, "", "undo p.journal");
    assert_null(strstr(app_case.err, "\x1b"));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, app_case_set_up, app_case_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(shows_how_far_it_is),
        CASE(shows_nothing_elsewhere),
        CASE(shows_nothing_if_lines_cannot_be_drawn_again),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
