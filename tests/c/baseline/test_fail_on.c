/* --fail-on: which findings decide the exit status, and which words it accepts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "baseline/fail_on.h"
#include "support/report_findings.h"

static char path[] = "baseline";
static struct settings settings;

static int set_up(void **state)
{
    (void)state;
    settings = (struct settings){.baseline = path};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    text_list_clear(&settings.fail_on);
    return 0;
}

static int status_of(const char *words, const char *severity, const char *mark, const char *status)
{
    json_t *finding = report_finding("a", "sqs.public", status, "none");
    text_list_clear(&settings.fail_on);
    text_list_split(&settings.fail_on, words);
    finding_set(finding, "severity", severity);
    finding_set(finding, "baseline", mark);
    int result = fail_on_status(&settings, finding);
    json_decref(finding);
    return result;
}

static void test_fail_on(void **state)
{
    (void)state;
    assert_int_equal(status_of("", "low", "unchanged", "non_compliant"), 2);
    assert_int_equal(status_of("new", "low", "unchanged", "non_compliant"), 0);
    assert_int_equal(status_of("new", "low", "new", "non_compliant"), 2);
    assert_int_equal(status_of("high", "critical", "unchanged", "non_compliant"), 2);
    assert_int_equal(status_of("high", "medium", "unchanged", "non_compliant"), 0);
    assert_int_equal(status_of("high,medium", "medium", "unchanged", "non_compliant"), 2);
    assert_int_equal(status_of("new,high", "high", "unchanged", "non_compliant"), 0);
    assert_int_equal(status_of("new,high", "low", "new", "non_compliant"), 0);
    assert_int_equal(status_of("new,high", "high", "new", "non_compliant"), 2);
    assert_int_equal(status_of("new,critical", "low", "unchanged", "unknown"), 1);
    assert_int_equal(status_of("new", "high", "new", "exempt"), 0);
}

static void test_words_of_fail_on(void **state)
{
    (void)state;
    struct err err = {0};
    text_list_split(&settings.fail_on, "new,high");
    assert_int_equal(fail_on_check(&settings, &err), 0);
    settings.dry_run = true;
    assert_int_equal(fail_on_check(&settings, &err), -1);
    assert_int_equal(err.kind, ERR_USAGE);
    assert_non_null(strstr(err.message, "--fail-on and --dry-run cannot be combined"));
    settings.dry_run = false;
    settings.baseline = NULL;
    assert_int_equal(fail_on_check(&settings, &err), -1);
    assert_non_null(strstr(err.message, "--fail-on new needs --baseline"));
    text_list_add(&settings.fail_on, "hihg");
    assert_int_equal(fail_on_check(&settings, &err), -1);
    assert_int_equal(err.kind, ERR_USAGE);
    assert_string_equal(err.message,
                        "--fail-on: \"hihg\" is not one of critical, high, medium, low, "
                        "new, did you mean \"high\"?");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_fail_on),
        TEST(test_words_of_fail_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
