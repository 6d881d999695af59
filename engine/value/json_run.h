/* The part of a text that stands in JSON as it is. Serves json and json_plain. */
#ifndef VALUE_JSON_RUN_H
#define VALUE_JSON_RUN_H

#include <stddef.h>

/* How many bytes from the start are ASCII that a JSON string holds without an escape. */
size_t json_run(const char *text, size_t length);

#endif
