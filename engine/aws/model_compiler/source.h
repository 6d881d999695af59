/* Finds and reads the JSON of API models. Serves compile and endpoints. */
#ifndef AWS_MODEL_COMPILER_SOURCE_H
#define AWS_MODEL_COMPILER_SOURCE_H

#include <jansson.h>
#include <stddef.h>

#include "base/err.h"

/* The JSON of a file, decompressed if necessary. New reference, or NULL. */
json_t *source_load(const char *path, struct err *err);
/* The same for DIR/STEM.json or DIR/STEM.json.gz. NULL without an error if neither exists. */
json_t *source_load_either(const char *directory, const char *stem, struct err *err);
/* The directory of the newest API version of a service with models (free with mem_free), or
 * NULL. */
char *source_newest(const char *directory);
/* The sorted names of the folders in a directory. */
struct source_names {
    char **names;
    size_t count;
};
int source_folders(const char *directory, struct source_names *names, struct err *err);
void source_names_clear(struct source_names *names);

#endif
