/* What the fast readers of JSON are tested with (test_json_plain, test_convert_json). A reader is
 * given as a function that says whether it read a text, and that fails the test if it read
 * something else than jansson does. */
#ifndef TESTS_JSON_CASE_H
#define TESTS_JSON_CASE_H

#include <stdbool.h>
#include <stddef.h>

typedef bool (*json_case_fn)(const char *text, size_t length);

void json_case_all_are_read(json_case_fn reads, const char *const *texts, size_t count);
void json_case_none_is_read(json_case_fn reads, const char *const *texts, size_t count);
/* Lists within lists are read to a depth of 64. */
void json_case_depth(json_case_fn reads);
/* The texts with some bytes changed or removed; some are still read, not most. */
void json_case_spoilt(json_case_fn reads, const char *const *texts, size_t count, size_t rounds);

#endif
