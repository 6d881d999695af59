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
#define MODEL_DIGEST_HEX 33
/* The digest of a service's compiled model in hex, from the head of its file, which is not opened
 * for calls; "" if there is none, or it is not as long as its head says. */
void model_file_digest(const struct model_set *set, const char *service,
                       char digest[MODEL_DIGEST_HEX]);
/* The names of all services, sorted; sets count. Owned by the set. */
const char *const *model_services(struct model_set *set, size_t *count);

/* Maps a file of the directory that is not a service ("endpoints"); NULL if it does not exist. */
const void *model_set_file(struct model_set *set, const char *name, size_t *size);

#endif
