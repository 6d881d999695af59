/* Checks that a table of a test file has only the keys that are meant, with values of the right
 * type. Serves test_file, reply. */
#ifndef TESTING_FILE_KEYS_H
#define TESTING_FILE_KEYS_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"

/* Lua has one empty table, which may stand for a list as well. */
#define FILE_TABLE JSON_OBJECT
#define FILE_ANY JSON_NULL

struct file_key {
    const char *name; /* NULL: after the last */
    json_type type;   /* FILE_TABLE: list or map; FILE_ANY: any */
    bool required;
};

/* ERR_POLICY names the position, and the key that was probably meant. */
int file_keys(const json_t *table, const struct file_key *keys, const char *where, struct err *err);

#endif
