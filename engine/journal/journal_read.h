/* A journal read back, for undo and for those who go on writing it. Serves journal; calls json. */
#ifndef JOURNAL_JOURNAL_READ_H
#define JOURNAL_JOURNAL_READ_H

#include <jansson.h>
#include <stdio.h>

#include "base/err.h"

/* What journal_fixes gives. */
json_t *journal_read(const char *path, FILE *file, struct err *err);
/* ERR_USAGE when the file holds anything but a journal of that plan (NULL: of none). */
int journal_check_owner(const char *path, FILE *file, const char *plan, struct err *err);

#endif
