/* A URL that replaces AWS's own endpoint. Serves endpoint. */
#ifndef AWS_ENDPOINT_ENDPOINT_OVERRIDE_H
#define AWS_ENDPOINT_ENDPOINT_OVERRIDE_H

#include "base/err.h"

struct endpoint;

/* Reads base, host and path_prefix from a URL that replaces AWS's own endpoint. `source` says where
 * the URL was configured. */
int override_apply(const char *url, const char *source, struct endpoint *endpoint, struct err *err);

#endif
