/* Steps through text as a terminal shows it: a character with its combining marks is one step. Text
 * that is not UTF-8 counts byte by byte. Serves line and draw; calls base. */
#ifndef PROMPT_CHARACTER_H
#define PROMPT_CHARACTER_H

#include <stddef.h>

size_t character_next(const char *text, size_t length, size_t at);
size_t character_before(const char *text, size_t length, size_t at);

/* The columns of the step from `at` to `end`. */
size_t character_columns(const char *text, size_t length, size_t at, size_t end);

#endif
