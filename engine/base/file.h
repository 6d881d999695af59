/* Whole files, read as they are long, up to a maximum. Serves whoever reads small files: policies,
 * credentials, tokens. What is outgrown while reading is overwritten, since it may be a secret. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stddef.h>

/* The bytes, ended by NUL (mem_free); NULL with errno: EFBIG when there are more than `max`. */
char *file_read(const char *path, size_t max, size_t *length);

#endif
