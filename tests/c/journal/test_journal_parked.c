/* The fixes of a long journal, most of them in a file, are those that are read into memory. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "base/mem.h"
#include "journal/journal.h"
#include "support/models.h"
#include "support/scratch_case.h"
#include "value/json.h"

#define COUNT 400

static void write_line(struct journal *journal, const char *fix, int number, const char *state,
                       const char *more)
{
    char *text = mem_printf("{\"fix\":\"%s%d\",\"state\":\"%s\"%s}", fix, number, state, more);
    json_t *line = json_parse(text, strlen(text), &scratch.err);
    assert_non_null(line);
    assert_int_equal(journal_write(journal, line, &scratch.err), 0);
    mem_free(text);
}

static void write_fix(struct journal *journal, const char *name, int number, const char *more)
{
    write_line(journal, name, number, "begin", more);
    write_line(journal, name, number, "step",
               ",\"step\":0,\"call\":\"a:B\",\"undo\":{\"call\":\"a:C\"}");
    if (number % 50 == 7) {
        write_line(journal, name, number, "failed", ",\"step\":0,\"refused\":true");
        return;
    }
    write_line(journal, name, number, "done", ",\"step\":0");
    write_line(journal, name, number, "end", ",\"result\":\"fixed\",\"after\":\"d\"");
}

/* Late lines belong to fixes that are parked by then. */
static void write_journal(void)
{
    struct journal *journal = journal_new(scratch.path);
    for (int i = 0; i < COUNT; i++)
        write_fix(journal, "f", i, ",\"check\":\"a.b\"");
    for (int i = 0; i < COUNT; i += 40)
        write_line(journal, "f", i, "undone", "");
    write_fix(journal, "u", 1, ",\"undoes\":\"f1\"");
    write_fix(journal, "u", 2, ",\"undoes\":\"f399\"");
    journal_free(journal);
    FILE *file = fopen(scratch.path, "a");
    assert_non_null(file);
    fputs("{\"journal\":1,\"fix\":\"f3\",\"state\":\"end\",\"sum\":\"0\"}\n", file);
    fclose(file);
}

static struct journal *opened(void)
{
    struct journal *journal = journal_new(scratch.path);
    assert_int_equal(journal_open_to_undo(journal, &scratch.err), 0);
    return journal;
}

/* Returns how many of them are parked. */
static size_t compare(struct journal *journal)
{
    size_t parked_count = 0;
    json_t *fixes = journal_fixes(journal, &scratch.err),
           *parked = journal_parked_fixes(journal, &scratch.err);
    assert_non_null(fixes);
    assert_int_equal(json_array_size(fixes), COUNT - 10 - 8);
    assert_int_equal(json_array_size(parked), json_array_size(fixes));
    for (size_t i = 0; i < json_array_size(fixes); i++) {
        json_t *fix = json_array_get(parked, i), *whole = journal_whole_fix(journal, fix);
        assert_true(json_equal(whole, json_array_get(fixes, i)));
        parked_count += json_object_get(fix, "steps") == NULL;
        json_decref(whole);
    }
    json_decref(fixes);
    json_decref(parked);
    return parked_count;
}

static void parked_fixes_are_the_same(void **state)
{
    (void)state;
    write_journal();
    struct journal *journal = opened();
    assert_int_equal(compare(journal), COUNT - 10 - 8 - 1);
    journal_free(journal);
}

/* They stay in memory. */
static void a_full_disk(void **state)
{
    (void)state;
    const struct rlimit tight = {0, RLIM_INFINITY}, wide = {RLIM_INFINITY, RLIM_INFINITY};
    write_journal();
    struct journal *journal = opened();
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    size_t parked = compare(journal);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &wide), 0);
    assert_int_equal(parked, 0);
    journal_free(journal);
}

#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, scratch_case_set_up, scratch_case_tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {TEST(parked_fixes_are_the_same), TEST(a_full_disk)};
    mem_install();
    return cmocka_run_group_tests_name("journal_parked", tests, NULL, NULL);
}
