/* Runs C tests that are linked into one executable: a sanitizer, valgrind or the count of lines
 * then starts once for the tests of a room, not for each test.
 *
 *   c_tests NAME...               each in a process of its own
 *   c_tests --together NAME...    all in this process: valgrind translates the code that they share
 *                                 once, and not in each process
 *
 * The exit status is 0 if all of them passed. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_VARIABLES 200

/* The build writes this list of TEST(name). */
#define TEST(name) int name##_main(void);
#include "c_tests.inc"
#undef TEST

struct test {
    const char *name;
    int (*run)(void);
};

static const struct test tests[] = {
#define TEST(name) {#name, name##_main},
#include "c_tests.inc"
#undef TEST
};

static const struct test *find(const char *name)
{
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        if (strcmp(tests[i].name, name) == 0)
            return &tests[i];
    }
    fprintf(stderr, "c_tests: there is no test '%s'\n", name);
    exit(64);
}

static int run_apart(const struct test *test)
{
    int status = 0;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        exit(test->run() == 0 ? 0 : 1);
    if (child > 0 && waitpid(child, &status, 0) == child && status == 0)
        return 0;
    if (WIFSIGNALED(status))
        fprintf(stderr, "c_tests: %s failed: signal %d\n", test->name, WTERMSIG(status));
    else
        fprintf(stderr, "c_tests: %s failed: exit status %d\n", test->name, WEXITSTATUS(status));
    return 1;
}

/* A test may change the environment, so each of them gets the one of the start. Static: a test that
 * clears its environment does not leak these. */
static char *variables[MOST_VARIABLES];
static size_t variable_count;

static void keep_environment(void)
{
    for (; environ[variable_count] != NULL && variable_count < MOST_VARIABLES; variable_count++)
        variables[variable_count] = strdup(environ[variable_count]);
}

static int run_here(const struct test *test)
{
    clearenv();
    for (size_t i = 0; i < variable_count; i++)
        putenv(variables[i]);
    if (test->run() == 0)
        return 0;
    fprintf(stderr, "c_tests: %s failed\n", test->name);
    return 1;
}

int main(int argc, char **argv)
{
    bool together = argc > 1 && strcmp(argv[1], "--together") == 0;
    int failed = 0, first = together ? 2 : 1;
    keep_environment();
    for (int i = first; i < argc; i++)
        failed += together ? run_here(find(argv[i])) : run_apart(find(argv[i]));
    return argc > first && failed == 0 ? 0 : 1;
}
