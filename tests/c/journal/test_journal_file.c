/* The file of a journal: it is created private, has one writer at a time, follows no links, uses
 * nobody else's file, and reserves room for what must still be written after a call. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "audit/plan_hold.h"
#include "base/log.h"
#include "base/mem.h"
#include "journal/journal.h"
#include "support/models.h"
#include "support/scratch_case.h"
#include "value/json.h"

static void silence(enum log_level level, const char *line)
{
    (void)level, (void)line;
}

static int set_up(void **state)
{
    log_set_sink(silence);
    return scratch_case_set_up(state);
}

static int tear_down(void **state)
{
    log_set_sink(NULL);
    return scratch_case_tear_down(state);
}

static int write_line(struct journal *journal, const char *fix, const char *word)
{
    json_t *line = json_pack("{s:s, s:s}", "fix", fix, "state", word);
    if (strcmp(word, "begin") != 0)
        json_object_set_new(line, "step", json_integer(0));
    return journal_write(journal, line, &scratch.err);
}

static struct journal *open_for(const char *plan)
{
    struct journal *journal = journal_new(scratch.path);
    if (plan != NULL)
        journal_of_plan(journal, plan);
    if (journal_open(journal, &scratch.err) == 0)
        return journal;
    journal_free(journal);
    return NULL;
}

static void assert_open_fails(const char *plan, const char *why)
{
    scratch.err = (struct err){0};
    assert_null(open_for(plan));
    if (strstr(scratch.err.message, why) == NULL ||
        strstr(scratch.err.message, "nothing was changed") == NULL)
        fail_msg("%s", scratch.err.message);
}

/* A run that wrote one fix. */
static void write_run(const char *plan, const char *fix)
{
    struct journal *journal = open_for(plan);
    assert_non_null(journal);
    assert_int_equal(write_line(journal, fix, "begin"), 0);
    assert_int_equal(write_line(journal, fix, "step"), 0);
    journal_free(journal);
}

static size_t count_fixes(void)
{
    struct journal *journal = journal_new(scratch.path);
    assert_int_equal(journal_open_to_undo(journal, &scratch.err), 0);
    json_t *fixes = journal_fixes(journal, &scratch.err);
    size_t count = json_array_size(fixes);
    json_decref(fixes);
    journal_free(journal);
    return count;
}

static void continues_its_own_journal(void **state)
{
    (void)state;
    write_run("p1", "A");
    write_run("p1", "B");
    assert_int_equal(count_fixes(), 2);
}

static void write_step(struct journal *journal, const char *fix, bool inverse)
{
    json_t *line = json_pack("{s:s, s:s, s:i}", "fix", fix, "state", "step", "step", 0);
    json_object_set_new(line, inverse ? "undo" : "irreversible", json_string("sqs:X"));
    assert_int_equal(write_line(journal, fix, "begin"), 0);
    assert_int_equal(journal_write(journal, line, &scratch.err), 0);
}

/* The second run of a plan makes only what cannot be undone; the first one did more. */
static void knows_what_an_earlier_run_can_undo(void **state)
{
    (void)state;
    for (int undone = 0; undone < 2; undone++) {
        struct journal *journal = open_for("p1");
        write_step(journal, undone ? "C" : "A", !undone);
        assert_int_equal(journal_undoable(journal), true);
        if (undone) {
            assert_int_equal(write_line(journal, "A", "undone"), 0);
            assert_int_equal(journal_undoable(journal), false);
        }
        journal_free(journal);
    }
}

static void is_private(void **state)
{
    struct stat info;
    (void)state;
    scratch_write(scratch.path, "", 0);
    assert_int_equal(chmod(scratch.path, 0644), 0);
    write_run(NULL, "A");
    assert_int_equal(stat(scratch.path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
}

static void leaves_no_empty_file(void **state)
{
    (void)state;
    struct journal *journal = open_for(NULL);
    assert_int_equal(access(scratch.path, F_OK), 0);
    journal_free(journal);
    assert_int_equal(access(scratch.path, F_OK), -1);
}

static void leaves_other_files_alone(void **state)
{
    (void)state;
    scratch_write(scratch.path, "mine\n", 5);
    assert_open_fails(NULL, "is not a journal");
    assert_open_fails("p1", "is not a journal");
    assert_int_equal(scratch.err.kind, ERR_USAGE);
    struct stat info;
    assert_int_equal(stat(scratch.path, &info), 0);
    assert_int_equal(info.st_size, 5);
    scratch_write(scratch.path, "{\"jour", 6); /* a line that the full disk cut off */
    struct journal *journal = open_for(NULL);
    assert_non_null(journal);
    journal_free(journal);
}

static void leaves_the_journals_of_others_alone(void **state)
{
    (void)state;
    write_run("p1", "A");
    assert_open_fails("p2", "is not the journal of this plan");
    assert_open_fails(NULL, "is the journal of a plan");
    unlink(scratch.path);
    write_run(NULL, "A");
    assert_open_fails("p1", "is not the journal of this plan");
    write_run(NULL, "B");
}

static void follows_no_link(void **state)
{
    char *other = scratch_path(scratch.folder, "other");
    (void)state;
    assert_int_equal(symlink(other, scratch.path), 0);
    assert_open_fails(NULL, "is a symbolic link");
    assert_int_equal(access(other, F_OK), -1);
    unlink(scratch.path);
    scratch_write(other, "", 0);
    assert_int_equal(link(other, scratch.path), 0);
    assert_open_fails(NULL, "has another name");
    unlink(scratch.path);
    assert_int_equal(mkfifo(scratch.path, 0600), 0);
    assert_open_fails(NULL, "is not a regular file");
    mem_free(other);
}

static void names_what_cannot_be_opened(void **state)
{
    (void)state;
    mem_free(scratch.path);
    scratch.path = scratch_path(scratch.folder, "none/journal");
    assert_open_fails(NULL, scratch.path);
    struct journal *journal = journal_new(scratch.path);
    assert_int_equal(journal_open_to_undo(journal, &scratch.err), -1);
    assert_non_null(strstr(scratch.err.message, "No such file"));
    assert_int_equal(write_line(journal, "A", "begin"), -1);
    assert_int_equal(scratch.err.kind, ERR_IO);
    assert_null(journal_written(journal));
    journal_free(journal);
    mem_free(scratch.path);
    scratch.path = mem_strdup(scratch.folder);
    assert_open_fails(NULL, "Is a directory");
}

static void has_one_writer(void **state)
{
    (void)state;
    struct journal *one = open_for("p1"), *two = journal_new(scratch.path);
    assert_open_fails("p1", "another engine process is using the journal");
    assert_int_equal(journal_open_to_undo(two, &scratch.err), -1);
    journal_free(one);
    journal_free(two);
    one = open_for("p1"); /* the file was removed with the lock on it */
    assert_non_null(one);
    assert_int_equal(write_line(one, "A", "begin"), 0);
    journal_free(one);
}

/* Writes a plan that no other test on this machine has. */
static void write_plan(const char *path, const char *word)
{
    char *text = mem_printf("%s of process %ld\n", word, (long)getpid());
    scratch_write(path, text, strlen(text));
    mem_free(text);
}

static int hold_and_claim(struct plan_hold *hold, const char *path)
{
    if (plan_hold(hold, path, &scratch.err) != 0)
        return -1;
    if (plan_hold_claim(hold, path, &scratch.err) == 0)
        return 0;
    plan_release(hold);
    return -1;
}

static void a_plan_is_applied_once_at_a_time(void **state)
{
    struct plan_hold one = {0}, two = {0};
    (void)state;
    write_plan(scratch.path, "plan");
    assert_int_equal(hold_and_claim(&one, scratch.path), 0);
    assert_int_equal(strlen(one.digest), 64);
    assert_int_equal(plan_hold(&two, scratch.path, &scratch.err), -1);
    assert_non_null(strstr(scratch.err.message, "another engine is applying the plan"));
    char *copy = mem_printf("%s.copy", scratch.path);
    write_plan(copy, "plan");
    assert_int_equal(hold_and_claim(&two, copy), -1);
    assert_non_null(strstr(scratch.err.message, "another engine is applying the plan"));
    write_plan(copy, "other");
    assert_int_equal(hold_and_claim(&two, copy), 0);
    plan_release(&two);
    unlink(copy);
    mem_free(copy);
    assert_int_equal(plan_hold_check(&one, scratch.path, &scratch.err), 0);
    unlink(scratch.path);
    write_plan(scratch.path, "another");
    assert_int_equal(plan_hold_check(&one, scratch.path, &scratch.err), -1);
    plan_release(&one);
    assert_int_equal(hold_and_claim(&two, scratch.path), 0);
    plan_release(&two);
    unlink(scratch.path);
    assert_int_equal(plan_hold(&two, scratch.path, &scratch.err), -1);
    assert_non_null(strstr(scratch.err.message, "No such file"));
}

/* ---- a file that may not grow ---- */

static void allow(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* Fixes are begun only while there is room to end those that were begun before. */
static void begins_only_what_it_can_end(void **state)
{
    char name[20];
    int begun = 0;
    (void)state;
    struct journal *journal = open_for(NULL);
    allow(100 << 10);
    for (; begun < 1000; begun++) {
        snprintf(name, sizeof name, "F%d", begun);
        if (write_line(journal, name, "begin") != 0 || write_line(journal, name, "step") != 0)
            break;
    }
    assert_non_null(strstr(scratch.err.message, "there is no space for the journal"));
    assert_non_null(strstr(scratch.err.message, "the call was not made"));
    assert_in_range(begun, 10, 30);
    for (int i = 0; i < begun; i++) {
        snprintf(name, sizeof name, "F%d", i);
        json_t *line = json_pack("{s:s, s:s, s:o}", "fix", name, "state", "failed", "why",
                                 json_sprintf("%3000d", i));
        assert_int_equal(journal_write(journal, line, &scratch.err), 0);
        assert_int_equal(write_line(journal, name, "end"), 0);
    }
    allow(RLIM_INFINITY);
    journal_free(journal);
    assert_int_equal(count_fixes(), begun);
}

/* Room that an ended fix returns can be used by the next fix. */
static void reserved_room_is_returned(void **state)
{
    (void)state;
    struct journal *journal = open_for(NULL);
    allow(40 << 10);
    for (int i = 0; i < 50; i++) {
        assert_int_equal(write_line(journal, "A", "begin"), 0);
        assert_int_equal(write_line(journal, "A", "end"), 0);
    }
    allow(RLIM_INFINITY);
    journal_free(journal);
}

static void half_a_line_is_removed(void **state)
{
    struct stat before, after;
    (void)state;
    struct journal *journal = open_for(NULL);
    assert_int_equal(write_line(journal, "A", "begin"), 0);
    assert_int_equal(stat(scratch.path, &before), 0);
    allow((rlim_t)before.st_size + 10);
    assert_int_equal(write_line(journal, "A", "end"), -1);
    assert_non_null(strstr(scratch.err.message, "cannot be written"));
    allow(RLIM_INFINITY);
    assert_int_equal(stat(scratch.path, &after), 0);
    assert_int_equal(after.st_size, before.st_size);
    journal_free(journal);
}

/* Reserved room that was not needed does not stay allocated on the disk. */
static void frees_unused_disk_space(void **state)
{
    struct stat info;
    (void)state;
    write_run(NULL, "A");
    assert_int_equal(stat(scratch.path, &info), 0);
    assert_in_range(info.st_blocks, 0, 8 * (1 + info.st_size / 4096));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(continues_its_own_journal),
        TEST(knows_what_an_earlier_run_can_undo),
        TEST(is_private),
        TEST(leaves_no_empty_file),
        TEST(leaves_other_files_alone),
        TEST(leaves_the_journals_of_others_alone),
        TEST(follows_no_link),
        TEST(names_what_cannot_be_opened),
        TEST(has_one_writer),
        TEST(a_plan_is_applied_once_at_a_time),
        TEST(begins_only_what_it_can_end),
        TEST(reserved_room_is_returned),
        TEST(half_a_line_is_removed),
        TEST(frees_unused_disk_space),
    };
    mem_install();
    signal(SIGXFSZ, SIG_IGN);
    return cmocka_run_group_tests_name("journal_file", tests, NULL, NULL);
}
