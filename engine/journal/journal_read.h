/* Reads a journal, for undo, for processes that continue it, and for people. Serves journal and
 * cmd_show; calls json. */
#ifndef JOURNAL_JOURNAL_READ_H
#define JOURNAL_JOURNAL_READ_H

#include <jansson.h>
#include <stdio.h>

#include "base/err.h"

struct parked; /* journal/journal_parked.h */
/* The implementation of journal_fixes; parked not NULL: of journal_parked_fixes. */
json_t *journal_read(const char *path, FILE *file, struct parked *parked, struct err *err);
/* The same with all fixes: those that were undone have "undone": true, and those of which no call
 * was made, or only refused ones, are there as well. */
json_t *journal_read_all(const char *path, FILE *file, struct parked *parked, struct err *err);
/* ERR_USAGE if the file is not a journal of that plan (NULL: of no plan). */
int journal_check_owner(const char *path, FILE *file, const char *plan, struct err *err);

#endif
