/* Writes a compiled service, and other files as a whole. Serves compile. */
#ifndef AWS_MODEL_COMPILER_SAVE_H
#define AWS_MODEL_COMPILER_SAVE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct builder;

/* Places the sections after the header and writes the file; *size is the size of the file. */
int builder_save(struct builder *builder, const char *path, uint64_t *size, struct err *err);
/* Writes a whole file under a temporary name and renames it. */
int save_file(const char *path, const void *bytes, size_t length, struct err *err);

#endif
