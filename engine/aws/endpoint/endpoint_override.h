/* A URL that is used in place of AWS's own. Serves endpoint. */
#ifndef AWS_ENDPOINT_ENDPOINT_OVERRIDE_H
#define AWS_ENDPOINT_ENDPOINT_OVERRIDE_H

#include "base/err.h"

struct endpoint;

/* Fills base, host and path_prefix of a URL that is used in place of AWS's own. `source` says where
 * it comes from. */
int override_apply(const char *url, const char *source, struct endpoint *endpoint, struct err *err);

#endif
