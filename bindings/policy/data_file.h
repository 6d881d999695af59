/* Reads files that are data written in Lua: `return { … }`. Each runs in its own state without
 * libraries and globals, and with little memory and time, so it can return data but do nothing
 * else. Serves evaluator (exceptions). */
#ifndef BINDINGS_POLICY_DATA_FILE_H
#define BINDINGS_POLICY_DATA_FILE_H

#include <jansson.h>

#include "base/err.h"

struct host;
/* Implements `data` of evaluator.h. */
json_t *data_file_read(struct host *host, const char *path, struct err *err);

#endif
