/* Output derived from the policies, to be deployed or read elsewhere: event patterns, IAM
 * permissions, the table of checks, editor annotations. Everything comes from the declarations of
 * the policies and is the same each time. Serves the command `engine generate`; uses only the
 * policies' metadata. */
#ifndef GENERATE_GENERATE_H
#define GENERATE_GENERATE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "policy/evaluator.h"

/* The selected policies, sorted by type; borrowed. */
struct generate_input {
    const struct policy *const *policies;
    size_t count;
};

#endif
