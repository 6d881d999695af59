/* Reads the file of a framework. Serves compliance. */
#ifndef COMPLIANCE_FRAMEWORK_H
#define COMPLIANCE_FRAMEWORK_H

#include <jansson.h>

#include "base/err.h"

/* The content of POLICIES/frameworks/NAME.json, in the shape that compliance.h describes. NULL with
 * ERR_USAGE. */
json_t *framework_read(const char *policies, const char *name, struct err *err);

#endif
