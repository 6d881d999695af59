/* Reads whole files, up to a maximum. Serves code that reads small files: policies, credentials,
 * tokens. A buffer that is outgrown while reading is overwritten, since it may hold a secret. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stddef.h>

/* The bytes, ended by NUL (free with mem_free). NULL with errno: EFBIG if there are more than
 * `max`. */
char *file_read(const char *path, size_t max, size_t *length);

#endif
