/* What is listed at once: one resource type in one account and region. Serves poll, which owns the
 * targets. */
#ifndef INTAKE_POLL_TARGETS_H
#define INTAKE_POLL_TARGETS_H

#include <stddef.h>

#include "policy/evaluator.h"

struct poll_target {
    const char *account;
    const char *region;
    const struct policy *policy;
};

/* Sorts by account, region and type, and leaves out repetitions: a type or region may be named
 * twice, also by an alias. Returns how many are left. */
size_t poll_targets_sort(struct poll_target *targets, size_t count);

#endif
