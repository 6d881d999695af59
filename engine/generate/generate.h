/* What follows from the policies and is deployed or read elsewhere: event patterns, IAM
 * permissions, the table of checks, editor annotations. Everything comes from the policies'
 * declarations and is the same each time. Serves the command `engine generate`; calls nothing
 * beyond the policies' metadata. */
#ifndef GENERATE_GENERATE_H
#define GENERATE_GENERATE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "policy/evaluator.h"

/* The chosen policies, sorted by type; borrowed. */
struct generate_input {
    const struct policy *const *policies;
    size_t count;
};

#endif
