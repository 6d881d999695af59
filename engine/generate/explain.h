/* Explains one check, or one type with its checks: what it looks at, why it matters, what its
 * repair does, which permissions and events it needs. Everything comes from the policy's
 * declarations. Serves the command `engine explain`; uses only the metadata. */
#ifndef GENERATE_EXPLAIN_H
#define GENERATE_EXPLAIN_H

#include "base/buf.h"
#include "policy/evaluator.h"

/* The same about one check in a few lines. `check`: as in `checks` of a policy's metadata. */
void explain_check_short(const json_t *check, struct buf *out);
/* `name`: a check of the policy, or its type. `path`: where the policy's file is. */
void explain_text(const struct policy *policy, const char *path, const char *name, struct buf *out);

#endif
