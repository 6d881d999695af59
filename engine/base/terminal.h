/* What text for people may look like on this output: colours, and the columns there are. Serves
 * report and doctor. */
#ifndef BASE_TERMINAL_H
#define BASE_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* The columns of the terminal, else COLUMNS, else `usual`. */
size_t terminal_columns(FILE *out, size_t usual);
/* The same, with a usual width of tables. */
void terminal_look(FILE *out, bool *colour, size_t *width);

#endif
