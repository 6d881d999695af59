/* A file appears under its name complete, or not at all. */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/output.h"

static char folder[64], path[96], other[96];

static int set_up(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/output-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/report", folder);
    snprintf(other, sizeof other, "%s/other", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(path);
    unlink(other);
    return rmdir(folder); /* fails if a temporary file is left */
}

static int entries(void)
{
    int count = 0;
    DIR *dir = opendir(folder);
    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count - 2;
}

static struct output *begin(const char *where, const char *text)
{
    struct err err = {0};
    struct output *output = output_open(where, &err);
    assert_string_equal(err.message, "");
    fputs(text, output_file(output));
    return output;
}

static void put(const char *where, const char *text)
{
    FILE *file = fopen(where, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void expect(const char *where, const char *text)
{
    char got[64] = "";
    FILE *file = fopen(where, "r");
    assert_non_null(file);
    size_t length = fread(got, 1, sizeof got - 1, file);
    got[length] = '\0';
    fclose(file);
    assert_string_equal(got, text);
}

static mode_t mode_of(const char *where)
{
    struct stat info;
    assert_int_equal(lstat(where, &info), 0);
    return info.st_mode & 07777;
}

static void test_at_the_end(void **state)
{
    (void)state;
    mode_t mask = umask(027);
    struct output *output = begin(path, "new");
    assert_int_equal(entries(), 0);
    assert_int_equal(output_close(output, true), 0);
    umask(mask);
    expect(path, "new");
    assert_int_equal(mode_of(path), 0640);
}

static void test_the_former_one(void **state)
{
    (void)state;
    put(path, "old");
    chmod(path, 0600);
    struct output *output = begin(path, "new");
    fflush(output_file(output));
    expect(path, "old");
    assert_int_equal(output_close(output, false), 0);
    expect(path, "old");
    assert_int_equal(output_close(begin(path, "new"), true), 0);
    expect(path, "new");
    assert_int_equal(mode_of(path), 0600); /* it was private before, and still is */
    assert_int_equal(entries(), 1);
}

static void test_killed(void **state)
{
    (void)state;
    put(path, "old");
    int ends[2];
    char ready = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        fflush(output_file(begin(path, "new")));
        (void)!write(ends[1], "r", 1);
        pause();
        _exit(1);
    }
    assert_int_equal(read(ends[0], &ready, 1), 1);
    kill(child, SIGKILL); /* otherwise valgrind would stop there because of the open memory */
    assert_int_equal(waitpid(child, NULL, 0), child);
    close(ends[0]);
    close(ends[1]);
    expect(path, "old");
    assert_int_equal(entries(), 1);
}

static void test_full_disk(void **state)
{
    (void)state;
    static char text[10000];
    const struct rlimit tight = {4096, RLIM_INFINITY}, wide = {RLIM_INFINITY, RLIM_INFINITY};
    memset(text, 'x', sizeof text - 1);
    put(path, "old");
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    int error = output_close(begin(path, text), true);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &wide), 0);
    assert_int_not_equal(error, 0);
    expect(path, "old");
    assert_int_equal(entries(), 1);
}

static void test_a_link_is_replaced(void **state)
{
    (void)state;
    put(other, "mine");
    assert_int_equal(symlink(other, path), 0);
    assert_int_equal(output_close(begin(path, "new"), true), 0);
    expect(other, "mine");
    expect(path, "new");
    struct stat info;
    assert_int_equal(lstat(path, &info), 0);
    assert_true(S_ISREG(info.st_mode));
}

static void test_a_pipe(void **state)
{
    (void)state;
    assert_int_equal(mkfifo(path, 0600), 0);
    int reader = open(path, O_RDONLY | O_NONBLOCK);
    assert_int_equal(output_close(begin(path, "new"), true), 0);
    char got[8] = "";
    assert_int_equal(read(reader, got, sizeof got), 3);
    close(reader);
    assert_string_equal(got, "new");
    struct stat info;
    assert_int_equal(lstat(path, &info), 0);
    assert_true(S_ISFIFO(info.st_mode));
}

/* /dev/stdout is a link, possibly to a regular file: writing continues at its present position. */
static void test_what_is_open(void **state)
{
    (void)state;
    char name[32];
    int fd = open(path, O_RDWR | O_CREAT, 0600);
    assert_int_equal(write(fd, "so far; ", 8), 8);
    snprintf(name, sizeof name, "/dev/fd/%d", fd);
    assert_int_equal(output_close(begin(name, "new"), true), 0);
    close(fd);
    expect(path, "so far; new");
    assert_int_equal(entries(), 1);
}

static void test_nowhere(void **state)
{
    (void)state;
    struct err err = {0};
    assert_null(output_open("/nowhere/at/all", &err));
    assert_non_null(strstr(err.message, "/nowhere/at/all: No such file"));
    assert_null(output_open(folder, &err));
    assert_non_null(strstr(err.message, "Is a directory"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {TEST(test_at_the_end),
                                              TEST(test_the_former_one),
                                              TEST(test_killed),
                                              TEST(test_full_disk),
                                              TEST(test_a_link_is_replaced),
                                              TEST(test_a_pipe),
                                              TEST(test_what_is_open),
                                              TEST(test_nowhere)};
    mem_install();
    return cmocka_run_group_tests_name("output", tests, NULL, NULL);
}
