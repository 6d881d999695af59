/* Prints the results of tests to stdout. Serves test_run. */
#ifndef TESTING_TEST_REPORT_H
#define TESTING_TEST_REPORT_H

#include <jansson.h>

#include "policy/evaluator.h"

/* One test: {"file","name","did","failures":[…]}. */
void test_report_result(const json_t *result);
/* Which verdicts each check had, and which declared operations no test called. */
void test_report_coverage(const struct policy *policy, const json_t *coverage,
                          const json_t *called);
/* All results as JUnit XML. */
void test_report_junit(const json_t *results);

#endif
