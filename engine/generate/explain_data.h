/* What `engine explain` prints, as JSON. Serves that command. */
#ifndef GENERATE_EXPLAIN_DATA_H
#define GENERATE_EXPLAIN_DATA_H

#include <jansson.h>

#include "policy/evaluator.h"

/* Appends the checks of this name, a check of the policy or its type: {"id","type","title",
 * "severity","controls","fix","risk","advice","url","impact","repair": as the policy declares them,
 * "operations":[…],"read":[ACTION…],"write":[ACTION…],"events":[…],"policy":path}. */
void explain_data_checks(const struct policy *policy, const char *path, const char *name,
                         json_t *list);

#endif
