/* Digests of the policies that were loaded, and of the modules that they require: evidence of which
 * rules a run applied. Serves the evaluator; calls known and require. */
#ifndef BINDINGS_POLICY_DIGESTS_H
#define BINDINGS_POLICY_DIGESTS_H

#include <jansson.h>
#include <stddef.h>

struct known;
struct policy_file;

/* What `digests` of struct evaluator returns. */
json_t *digests_of(struct known *known, struct policy_file *const *files, size_t count);

#endif
