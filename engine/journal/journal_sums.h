/* The chain of sums of a journal: journal.h says what they are made of. Serves journal's files. */
#ifndef JOURNAL_JOURNAL_SUMS_H
#define JOURNAL_JOURNAL_SUMS_H

#include <jansson.h>
#include <stdbool.h>

#define JOURNAL_MARK "{\"journal\":"

/* `sums` holds the last sum of each fix under way. Puts the sum that continues it into the line. */
void journal_sum_add(const json_t *sums, json_t *line);
/* The line has been written or read: its sum is the one to continue. */
void journal_sum_keep(json_t *sums, const json_t *line);
/* Does the line's sum fit? Takes it out of the line. */
bool journal_sum_take(json_t *sums, json_t *line);

#endif
