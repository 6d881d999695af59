/* The services of a directory of compiled models, each opened when it is first asked for. Serves
 * the client, the bindings and the commands; calls model_map. The set owns what it opened. */
#ifndef AWS_MODEL_MODEL_OPEN_H
#define AWS_MODEL_MODEL_OPEN_H

#include <stddef.h>

#include "base/err.h"

struct model;
struct model_set;

struct model_set *model_set_new(const char *directory);
void model_set_free(struct model_set *set);

/* By botocore's directory name, '_' read as '-'. ERR_PARAM with a did-you-mean when there is none;
 * ERR_USAGE when the directory holds no models, with the way out. */
const struct model *model_open(struct model_set *set, const char *service, struct err *err);
/* Every service's name, sorted; count is set. Owned by the set. */
const char *const *model_services(struct model_set *set, size_t *count);

/* A file of the set's directory that is no service ("endpoints"), mapped; NULL when absent. */
const void *model_set_file(struct model_set *set, const char *name, size_t *size);

#endif
