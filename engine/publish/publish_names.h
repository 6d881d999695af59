/* What AWS calls the resource of a finding. Serves publish, and run for the formats of other
 * tools. */
#ifndef PUBLISH_PUBLISH_NAMES_H
#define PUBLISH_PUBLISH_NAMES_H

#include <jansson.h>

#include "policy/evaluator.h"
#include "policy/resource.h"

/* {"arn","type"}: the resource's ARN and Security Hub's name of its type, new; NULL if no policy is
 * loaded for the type. `given` is the template of the ARN that an audit returned, or NULL. */
json_t *publish_names(struct evaluator *evaluator, const struct resource *resource,
                      const char *given);

#endif
