/* engine doctor if nothing responds. Apart from its other tests, since it waits for ten seconds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "support/doctor_case.h"

static bool be_silent(const struct peer_request *request)
{
    (void)request;
    return true;
}

/* Not as late as a call may be, which is minutes. */
static void tells_early_that_sts_is_silent(void **state)
{
    int64_t begun = clock_mono_ms();
    (void)state;
    app_case.hook = be_silent;
    app_expect(1, "", "doctor");
    doctor_item("endpoints", "failed", "no complete response from");
    doctor_item("caller", "failed", "STS does not respond");
    doctor_item("accounts", "not_checked", "who the caller is");
    assert_true(clock_mono_ms() - begun < 40000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, doctor_set_up, app_case_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tells_early_that_sts_is_silent),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
