/* Runs one case, listing or event of a test file, and compares what the engine finds with what the
 * test expects. Serves test_run. */
#ifndef TESTING_TEST_CASE_H
#define TESTING_TEST_CASE_H

#include "testing/test_world.h"

/* What tests of one policy showed. */
struct test_outcome {
    struct text_list failures; /* of this case; empty: it passed */
    char *did;                 /* "2 refused reads, repaired, undone"; mem_free */
    json_t *coverage; /* {check: {"compliant","non_compliant","unknown","skipped","fixed": n}} */
    json_t *called;   /* the operations that any test called, as keys */
};

/* Each adds to the outcome; failures and `did` are those of this item. */
void test_case(struct test_world *world, const json_t *item, struct test_outcome *outcome);
void test_listing(struct test_world *world, const json_t *item, struct test_outcome *outcome);
void test_event(struct test_world *world, const json_t *item, struct test_outcome *outcome);

#endif
