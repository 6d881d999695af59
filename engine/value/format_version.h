/* The version of a format that the engine writes and later reads again: plans, reports, resource
 * lines and journals. Older versions are read as they were meant; a newer one is refused, because
 * what it says might be misunderstood. Serves policy (lines) and journal. */
#ifndef VALUE_FORMAT_VERSION_H
#define VALUE_FORMAT_VERSION_H

#include <jansson.h>

#include "base/err.h"

/* The version in the member `key` of an object, which has version 1 without it. ERR_USAGE for a
 * newer version than `newest`, and for what is no version. */
int format_version_check(const json_t *object, const char *key, int newest, struct err *err);

#endif
