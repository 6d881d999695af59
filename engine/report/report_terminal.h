/* What text for people may look like on this output: colours, and the columns there are. Serves
 * report and doctor. */
#ifndef REPORT_REPORT_TERMINAL_H
#define REPORT_REPORT_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* The columns of the terminal, else COLUMNS, else a usual width. */
void report_terminal(FILE *out, bool *colour, size_t *width);

#endif
