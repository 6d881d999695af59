/* The history: what is kept, by whom it can be read, how lines are found again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "prompt/history.h"
#include "prompt/history_path.h"

static char folder[64];
static char path[128];

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/history-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/state/engine/history", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

static struct history *open_history(void)
{
    struct err err = {0};
    struct history *history = history_new(path, &err);
    assert_int_equal(err.kind, ERR_NONE);
    return history;
}

static unsigned mode_of(const char *file)
{
    struct stat info;
    assert_int_equal(stat(file, &info), 0);
    return info.st_mode & 0777;
}

static void test_lines_come_back(void **state)
{
    (void)state;
    struct history *history = open_history();
    history_add(history, "first", false);
    history_add(history, "second", false);
    history_add(history, "second", false);
    history_add(history, "", false);
    history_add(history, " secret", false);
    history_free(history);
    assert_int_equal(mode_of(path), 0600);
    history = open_history();
    size_t at = history_count(history);
    assert_int_equal(at, 2);
    assert_string_equal(history_before(history, &at, "", 0), "second");
    assert_string_equal(history_before(history, &at, "", 0), "first");
    assert_null(history_before(history, &at, "", 0));
    assert_string_equal(history_after(history, &at, "", 0), "second");
    assert_null(history_after(history, &at, "", 0));
    assert_int_equal(at, 1);
    history_free(history);
}

/* The lines of a block are indented; a block whose first line is not kept is not kept at all. */
static void test_blocks(void **state)
{
    (void)state;
    struct history *history = open_history();
    history_add(history, "for i = 1, 2 do", false);
    history_add(history, "  print(i)", true);
    history_add(history, "  ", true);
    history_add(history, "end", true);
    history_add(history, " secret = {", false);
    history_add(history, "'word'", true);
    history_add(history, "}", true);
    history_free(history);
    history = open_history();
    size_t at = history_count(history);
    assert_int_equal(at, 3);
    assert_string_equal(history_before(history, &at, "", 0), "end");
    assert_string_equal(history_before(history, &at, "", 0), "  print(i)");
    history_free(history);
}

static void test_lines_by_their_start(void **state)
{
    (void)state;
    struct history *history = history_new(NULL, NULL);
    history_add(history, "aws.sqs", false);
    history_add(history, "print(1)", false);
    history_add(history, "aws.ec2", false);
    size_t at = history_count(history);
    assert_string_equal(history_before(history, &at, "aws", 3), "aws.ec2");
    assert_string_equal(history_before(history, &at, "aws", 3), "aws.sqs");
    assert_int_equal(at, 0);
    assert_string_equal(history_after(history, &at, "p", 1), "print(1)");
    history_free(history);
}

static void test_others_cannot_read_an_older_file(void **state)
{
    (void)state;
    history_free(open_history());
    assert_int_equal(chmod(path, 0644), 0);
    history_free(open_history());
    assert_int_equal(mode_of(path), 0600);
}

static void test_the_file_does_not_grow_for_ever(void **state)
{
    (void)state;
    struct history *history = open_history();
    for (int i = 0; i < 2 * HISTORY_LINES + 1; i++) {
        char line[32];
        snprintf(line, sizeof line, "line %d", i);
        history_add(history, line, false);
    }
    assert_int_equal(history_count(history), HISTORY_LINES);
    history_free(history);
    history_free(open_history());
    history = open_history();
    history_add(history, "newest", false);
    history_free(history);
    history = open_history();
    size_t at = history_count(history);
    assert_int_equal(at, HISTORY_LINES);
    assert_string_equal(history_before(history, &at, "", 0), "newest");
    assert_string_equal(history_before(history, &at, "", 0), "line 2000");
    assert_int_equal(mode_of(path), 0600);
    history_free(history);
}

/* A process was killed while it wrote the file anew. */
static void test_what_a_killed_process_left(void **state)
{
    (void)state;
    char left[160];
    struct history *history = open_history();
    snprintf(left, sizeof left, "%s.new", path);
    assert_int_equal(mkdir(left, 0700), 0);
    for (int i = 0; i < 2 * HISTORY_LINES; i++) {
        char line[32];
        snprintf(line, sizeof line, "line %d", i);
        history_add(history, line, false);
    }
    history_free(history);
    history_free(open_history());
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_true(info.st_size <= HISTORY_LINES * (off_t)sizeof "line 1999");
}

static void test_a_file_that_cannot_be_used(void **state)
{
    (void)state;
    struct err err = {0};
    char target[128];
    snprintf(target, sizeof target, "%s/target", folder);
    history_free(open_history());
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink(target, path), 0);
    struct history *history = history_new(path, &err);
    assert_int_equal(err.kind, ERR_IO);
    history_add(history, "kept in memory", false);
    assert_int_equal(history_count(history), 1);
    assert_int_equal(access(target, F_OK), -1);
    history_free(history);
}

static const char *own, *state_home, *home;

static char *variable(const char *name)
{
    const char *value = strcmp(name, "ENGINE_HISTORY") == 0   ? own
                        : strcmp(name, "XDG_STATE_HOME") == 0 ? state_home
                                                              : home;
    return (char *)(uintptr_t)value;
}

static void expect_path(const char *expected)
{
    char *found = history_path(variable);
    if (expected == NULL)
        assert_null(found);
    else
        assert_string_equal(found, expected);
    mem_free(found);
}

static void test_where_it_is(void **state)
{
    (void)state;
    own = state_home = home = NULL;
    expect_path(NULL);
    home = "/home/user";
    expect_path("/home/user/.local/state/engine/history");
    state_home = "relative";
    expect_path("/home/user/.local/state/engine/history");
    state_home = "/state";
    expect_path("/state/engine/history");
    own = "mine";
    expect_path("mine");
    own = "";
    expect_path(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_lines_come_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_blocks, set_up, tear_down),
        cmocka_unit_test(test_lines_by_their_start),
        cmocka_unit_test_setup_teardown(test_others_cannot_read_an_older_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_file_does_not_grow_for_ever, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_a_killed_process_left, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_file_that_cannot_be_used, set_up, tear_down),
        cmocka_unit_test(test_where_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
