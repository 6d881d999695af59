/* Valgrind runs a test 20 to 50 times as slowly. There, what a test repeats at random or with large
 * amounts runs less often: it runs in full in the main build and with the sanitizers. */
#ifndef SUPPORT_SLOWED_H
#define SUPPORT_SLOWED_H

#include <stdbool.h>
#include <stddef.h>

/* Whether valgrind runs this. */
bool is_slowed(void);
/* This number, or a 16th of it with valgrind, but at least one (of a number above 0). */
size_t slowed_rounds(size_t count);

#endif
