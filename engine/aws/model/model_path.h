/* The part of JMESPath that paginators use: names ("a.b"), places in lists ("a[0].b", "a[-1]") and
 * alternatives ("a || b"). Serves the client's pages. Source:
 * https://jmespath.org/specification.html */
#ifndef AWS_MODEL_MODEL_PATH_H
#define AWS_MODEL_MODEL_PATH_H

#include <jansson.h>

/* What a path finds in a value, borrowed; NULL when that is nothing or null. Of alternatives the
 * first that is neither absent, null, false nor empty; else what the last one finds. */
json_t *model_path_get(const json_t *value, const char *path);

#endif
