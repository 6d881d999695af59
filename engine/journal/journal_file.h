/* The file that a journal is kept in: made for its owner alone, locked while it is written, never
 * reached through a link, with room for what must still be written when a call was made. journal's
 * own helper. */
#ifndef JOURNAL_JOURNAL_FILE_H
#define JOURNAL_JOURNAL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/err.h"

struct journal_file {
    const char *path; /* borrowed; NULL: the log, which is only appended to */
    int fd;           /* -1: not open */
    bool made;        /* by us, just now */
    off_t size;       /* of whole lines */
    off_t reserved;   /* up to here the disk has room for us */
};

/* Opens and locks; makes the file, mode 0600, where `make` says so and there is none, and syncs the
 * folder then. ERR_IO: it cannot be opened, or another process works with it. ERR_USAGE: it is a
 * link or no regular file. */
int journal_file_open(struct journal_file *file, bool make, struct err *err);
/* Gives back the room that was not needed. A file that was made and holds nothing is removed. */
void journal_file_close(struct journal_file *file);
/* Is there, and will there be, room for `length` bytes? */
int journal_file_reserve(struct journal_file *file, size_t length, struct err *err);
/* All of the text or nothing. */
int journal_file_append(struct journal_file *file, const char *text, size_t length,
                        struct err *err);
int journal_file_sync(const struct journal_file *file, struct err *err);
/* The file from its start, to be read and closed; NULL with err. */
FILE *journal_file_reader(const struct journal_file *file, struct err *err);

#endif
