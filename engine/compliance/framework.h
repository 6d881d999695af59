/* Reads the file of a framework. Serves compliance and controls. */
#ifndef COMPLIANCE_FRAMEWORK_H
#define COMPLIANCE_FRAMEWORK_H

#include <jansson.h>

#include "base/err.h"
#include "base/text_list.h"

/* The content of frameworks/NAME.json in the first of these directories that has one, in the shape
 * that compliance.h describes. NULL with ERR_USAGE. */
json_t *framework_read(const struct text_list *folders, const char *name, struct err *err);

/* The names of all frameworks in these directories, each once, sorted. */
void framework_names(const struct text_list *folders, struct text_list *names);

#endif
