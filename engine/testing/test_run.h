/* Runs test files: finds the policy, runs its cases, listings and events, and prints the results.
 * Serves `engine test`. */
#ifndef TESTING_TEST_RUN_H
#define TESTING_TEST_RUN_H

#include <jansson.h>
#include <stdbool.h>

#include "base/text_list.h"
#include "policy/language.h"

#define TEST_FILE_SUFFIX "_test.lua"

struct test_run {
    const struct language *language;
    struct loop *loop;
    struct model_set *models;
    const struct text_list *folders; /* of the policies */
    const char *lib_dir;             /* their helpers, as language.h wants it; NULL: none */
    bool junit;                      /* print nothing before test_run_end */
    json_t *results;                 /* [{"file","name","did","failures":[…]}…] */
    size_t files, passed, failed;
};

/* The first six members must be set. */
void test_run_begin(struct test_run *run);
/* Runs the tests of one file. A file that cannot be run counts as failed. */
void test_run_file(struct test_run *run, const char *path);
/* Prints the sum, or the report in JUnit's format. */
void test_run_end(struct test_run *run);

#endif
