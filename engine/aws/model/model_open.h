/* The services in a directory of compiled models, each opened on first use. Serves the client, the
 * bindings and the commands; calls model_map. The set owns the models that it opened. */
#ifndef AWS_MODEL_MODEL_OPEN_H
#define AWS_MODEL_MODEL_OPEN_H

#include <stddef.h>

#include "base/err.h"

struct model;
struct model_set;

struct model_set *model_set_new(const char *directory);
void model_set_free(struct model_set *set);

/* By botocore's directory name, where '_' is read as '-'. ERR_PARAM with a did-you-mean if there is
 * none; ERR_USAGE if the directory holds no models, with advice. */
const struct model *model_open(struct model_set *set, const char *service, struct err *err);
/* The size of the file of a service, which is not opened; 0 if there is none. */
size_t model_file_size(const struct model_set *set, const char *service);
/* The names of all services, sorted; sets count. Owned by the set. */
const char *const *model_services(struct model_set *set, size_t *count);

/* Maps a file of the directory that is not a service ("endpoints"); NULL if it does not exist. */
const void *model_set_file(struct model_set *set, const char *name, size_t *size);

#endif
