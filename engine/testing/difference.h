/* The differences of two values, one per line: `with.Tags[2].Key: expected "a", found "b"`. Serves
 * the other files of this room. */
#ifndef TESTING_DIFFERENCE_H
#define TESTING_DIFFERENCE_H

#include <jansson.h>

#include "base/text_list.h"

/* Adds a line for each difference; each begins with `where`. NULL stands for a value that is
 * absent. An empty list equals an empty map: Lua has only one empty table. */
void difference(const char *where, const json_t *expected, const json_t *found,
                struct text_list *lines);

#endif
