/* A test of one file: its path in a new folder, where nothing is yet, and an error. */
#ifndef TESTS_SCRATCH_CASE_H
#define TESTS_SCRATCH_CASE_H

#include "base/err.h"

struct scratch_case {
    char *folder, *path;
    struct err err;
};
extern struct scratch_case scratch;

int scratch_case_set_up(void **state);
int scratch_case_tear_down(void **state);

#endif
