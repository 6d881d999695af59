/* The chain of sums in a journal: journal.h defines a sum. Serves journal's files. */
#ifndef JOURNAL_JOURNAL_SUMS_H
#define JOURNAL_JOURNAL_SUMS_H

#include <jansson.h>
#include <stdbool.h>

#define JOURNAL_MARK "{\"journal\":"
/* The newest version of the format that this engine reads and writes; the value after the mark. */
#define JOURNAL_FORMAT 1

/* `sums` contains the last sum of each fix in progress. Sets the sum of the line, which continues
 * that of its fix. */
void journal_sum_add(const json_t *sums, json_t *line);
/* The line has been written or read: the next sum of its fix continues its sum. */
void journal_sum_keep(json_t *sums, const json_t *line);
/* Is the line's sum correct? Removes it from the line. */
bool journal_sum_take(json_t *sums, json_t *line);

#endif
