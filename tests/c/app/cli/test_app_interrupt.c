/* Ctrl-C in the middle of an apply: the report and the messages say what was done, and how to go
 * on.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/app_case.h"

static size_t signals; /* that are still to be sent: one at the change, one at the read after it */

static bool interrupt(const struct peer_request *request)
{
    bool change = strstr(request->text, "SetQueueAttributes") != NULL;
    bool second = signals == 1 && !app_case.open;
    if (signals == 0 || !(change || second))
        return false;
    signals--;
    kill(app_case.pid, SIGINT);
    return !change; /* then nothing but the signal can end the run */
}

static void apply_is_interrupted(size_t times, int status)
{
    assert_int_equal(app_run(APP_LINE, "plan --output p"), 2);
    signals = times;
    app_case.hook = interrupt;
    assert_int_equal(app_run("", "apply p"), status);
    app_case.hook = NULL;
    assert_int_equal(signals, 0);
}

static void the_report_says_what_was_not_made(void **state)
{
    (void)state;
    apply_is_interrupted(1, 1);
    app_wrote("the run was interrupted (SIGINT): repairs that are not in this report were not made "
              "(to make them, apply the same plan again)");
    app_wrote("journal: p.journal (to undo it: engine undo p.journal)");
    app_expect(0, "", "apply p");
}

static void a_second_signal_names_the_journal(void **state)
{
    (void)state;
    apply_is_interrupted(2, 128 + SIGINT);
    app_wrote("journal: p.journal (to undo it: engine undo p.journal)");
    assert_string_equal(app_case.out, "");
    app_expect(0, "undone", "undo p.journal");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, app_case_set_up, app_case_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_report_says_what_was_not_made),
        CASE(a_second_signal_names_the_journal),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
