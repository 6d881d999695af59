/* Runs C tests that are linked into one executable: a sanitizer, valgrind or the count of lines
 * then starts once for the tests of a room, not for each test.
 *
 *   c_tests NAME...    each in a process of its own, but the first in this one: what valgrind
 *                      translates for it, the others inherit
 *
 * The exit status is 0 if all of them passed. */
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

/* The test may change the environment, which is that of the others, too. Static: a test that clears
 * its environment does not leak these. */
static int run_here(const struct test *test)
{
    static char *kept[MOST_VARIABLES];
    size_t count = 0;
    for (; environ[count] != NULL && count < MOST_VARIABLES; count++)
        kept[count] = strdup(environ[count]);
    int status = test->run();
    clearenv();
    for (size_t i = 0; i < count; i++)
        putenv(kept[i]);
    return status == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    int failed = argc > 1 ? run_here(find(argv[1])) : 1;
    for (int i = 2; i < argc; i++)
        failed += run_apart(find(argv[i]));
    return failed == 0 ? 0 : 1;
}
