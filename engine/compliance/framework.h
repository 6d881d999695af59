/* Reads the file of a framework. Serves compliance. */
#ifndef COMPLIANCE_FRAMEWORK_H
#define COMPLIANCE_FRAMEWORK_H

#include <jansson.h>

#include "base/err.h"
#include "base/text_list.h"

/* The content of frameworks/NAME.json in the first of these directories that has one, in the shape
 * that compliance.h describes. NULL with ERR_USAGE. */
json_t *framework_read(const struct text_list *folders, const char *name, struct err *err);

#endif
