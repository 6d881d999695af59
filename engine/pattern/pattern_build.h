/* Converts the text of a pattern to nodes for pattern_search. Serves
 * bindings/libs/lua_pattern.c. */
#ifndef PATTERN_PATTERN_BUILD_H
#define PATTERN_PATTERN_BUILD_H

#include <stdbool.h>
#include <stddef.h>

#include "pattern/pattern.h"

/* Whether the text has no special characters, so that string.find may search for it directly. */
bool pattern_is_plain(const char *text, size_t len);

/* The most bytes that pattern_build needs for a text of up to PATTERN_MAX_LENGTH bytes. */
size_t pattern_room(const char *text, size_t len);

/* Builds the pattern in room (aligned for any type, of pattern_room bytes); it need not be freed
 * and keeps no pointer to the text. With anchor, a leading '^' ties the pattern to the start of a
 * search; without, '^' is a plain character (string.gmatch). */
struct pattern *pattern_build(void *room, const char *text, size_t len, bool anchor);

#endif
