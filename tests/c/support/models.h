/* API models for tests: the real ones that the build compiled, and small ones compiled during the
 * test. */
#ifndef SUPPORT_MODELS_H
#define SUPPORT_MODELS_H

#include "aws/model/model.h"

/* The set that ENGINE_MODELS names. The test fails if it does not exist. */
struct model_set *real_models(void);

/* A new empty folder, and its removal with the files in it. */
char *scratch_folder(void);
void scratch_remove(char *folder);

/* A file beside others of a folder. */
char *scratch_path(const char *folder, const char *name);
void scratch_write(const char *path, const void *bytes, size_t length);
/* The whole file (mem_free). */
unsigned char *scratch_read(const char *path, size_t *length);

/* tests/fixtures/models/data, compiled into `folder`. */
void compile_fixture(const char *folder);

/* A service or operation that must exist. */
const struct model *must_open(struct model_set *set, const char *service);
model_operation must_find(const struct model *model, const char *operation);

#endif
