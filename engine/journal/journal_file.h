/* The file of a journal: readable only by its owner, locked while it is written, never opened
 * through a link, with space reserved for the lines that must follow a call. A helper of
 * journal. */
#ifndef JOURNAL_JOURNAL_FILE_H
#define JOURNAL_JOURNAL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/err.h"

struct journal_file {
    const char *path; /* borrowed; NULL: the log, to which lines are only appended */
    int fd;           /* -1: not open */
    bool made;        /* created by this process */
    off_t size;       /* of complete lines */
    off_t reserved;   /* the disk has space for us up to this offset */
};

/* Opens and locks the file. If `make` is set and there is none, creates it (mode 0600) and syncs
 * the directory. ERR_IO: it cannot be opened, or another process works with it. ERR_USAGE: it is a
 * link or not a regular file. */
int journal_file_open(struct journal_file *file, bool make, struct err *err);
/* Frees the reserved space that was not needed. Removes a file that was created here and is
 * empty. */
void journal_file_close(struct journal_file *file);
/* Is there space for `length` bytes, and will there be? */
int journal_file_reserve(struct journal_file *file, size_t length, struct err *err);
/* Appends all of the text or nothing. */
int journal_file_append(struct journal_file *file, const char *text, size_t length,
                        struct err *err);
int journal_file_sync(const struct journal_file *file, struct err *err);
/* Opens the file for reading from its start; the caller closes it. NULL with err. */
FILE *journal_file_reader(const struct journal_file *file, struct err *err);

#endif
