/* The heading of accounts with the same results: it names each one in which something failed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "doctor/doctor_text.h"

#define ACCOUNTS 20000
#define LENGTH 13 /* of an id, and the comma or newline that follows it */

static char shown[ACCOUNTS * (LENGTH + 2)];

static size_t show(size_t count, bool whole)
{
    char id[24];
    FILE *out = tmpfile();
    struct doctor_text text;
    json_t *accounts = json_array();
    assert_non_null(out);
    for (size_t i = 0; i < count; i++) {
        snprintf(id, sizeof id, "%012zu", i);
        json_array_append_new(accounts, json_string(id));
    }
    doctor_text_init(&text, out);
    doctor_text_accounts(&text, accounts, whole);
    json_decref(accounts);
    rewind(out);
    size_t length = fread(shown, 1, sizeof shown - 1, out);
    shown[length] = '\0';
    fclose(out);
    return length;
}

static void names_all(void **state)
{
    char last[24];
    (void)state;
    assert_in_range(show(ACCOUNTS, true), ACCOUNTS * LENGTH, sizeof shown - 2);
    assert_non_null(strstr(shown, "20000 accounts: 000000000000, "));
    snprintf(last, sizeof last, "%012d\n", ACCOUNTS - 1);
    assert_string_equal(shown + strlen(shown) - strlen(last), last);
}

static void names_some(void **state)
{
    (void)state;
    show(ACCOUNTS, false);
    assert_non_null(strstr(shown, "000000000002, \xe2\x80\xa6\n"));
    show(1, false);
    assert_string_equal(shown, "\naccount 000000000000\n");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(names_all),
                                              cmocka_unit_test(names_some)};
    mem_install();
    return cmocka_run_group_tests_name("doctor text", tests, NULL, NULL);
}
