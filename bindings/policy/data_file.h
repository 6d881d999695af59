/* Files that are data written in Lua: `return { … }`. They are run in a state of their own, in
 * which there is no library, no global and not much room or time, so that they can say something
 * and do nothing. Serves host (exceptions). */
#ifndef BINDINGS_POLICY_DATA_FILE_H
#define BINDINGS_POLICY_DATA_FILE_H

#include <jansson.h>

#include "base/err.h"

struct host;
/* As evaluator.h says of `data`. */
json_t *data_file_read(struct host *host, const char *path, struct err *err);

#endif
