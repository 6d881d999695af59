/* From the text of a pattern to what pattern_search goes along. Serves bindings/libs/lua_pattern.c.
 */
#ifndef PATTERN_PATTERN_BUILD_H
#define PATTERN_PATTERN_BUILD_H

#include <stdbool.h>
#include <stddef.h>

#include "pattern/pattern.h"

/* Whether the text means nothing but itself, so that string.find may search for it plainly. */
bool pattern_is_plain(const char *text, size_t len);

/* Bytes that pattern_build needs, at most, for a text of up to PATTERN_MAX_LENGTH bytes. */
size_t pattern_room(const char *text, size_t len);

/*
 * Builds the pattern in room (aligned for any type, of pattern_room bytes); it needs no freeing and
 * keeps no pointer to the text. With anchor a leading '^' ties it to where a search begins;
 * without, '^' is a plain character (string.gmatch).
 */
struct pattern *pattern_build(void *room, const char *text, size_t len, bool anchor);

#endif
