/* The part of JMESPath that paginators use: names ("a.b"), list indexes ("a[0].b", "a[-1]") and
 * alternatives ("a || b"). Serves the client's pages. Source:
 * https://jmespath.org/specification.html */
#ifndef AWS_MODEL_MODEL_PATH_H
#define AWS_MODEL_MODEL_PATH_H

#include <jansson.h>

/* The value at a path, borrowed; NULL if it is missing or null. Of several alternatives, the first
 * whose value is not missing, null, false or empty; else the value of the last one. */
json_t *model_path_get(const json_t *value, const char *path);

#endif
