/* Writes a value as Lua, in the form in which a test file holds it. Serves the other files of this
 * room, whose messages authors copy into their tests. */
#ifndef TESTING_LITERAL_H
#define TESTING_LITERAL_H

#include <jansson.h>

#include "base/buf.h"

/* Appends the value; NULL is "nothing". */
void literal_add(struct buf *out, const json_t *value);
/* The same as a new string of at most `max` bytes, which ends with … if it was cut. mem_free. */
char *literal_text(const json_t *value, size_t max);

#endif
