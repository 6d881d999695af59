/* The shared config and credentials files. Source: AWS SDKs and Tools Reference Guide, "Shared
 * config and credentials files", and what botocore and the CLI accept. Serves creds_profile and
 * creds_region. */
#ifndef AWS_CREDS_CREDS_INI_H
#define AWS_CREDS_CREDS_INI_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"

struct creds_env;

/* Shared files: an object of profiles, each an object of texts, keys in lower case. NULL with err
 * when a file cannot be understood. */
json_t *creds_profiles(const struct creds_env *env, struct err *err);
/* One file's sections. `config`: "[profile x]" is x, sections of other kinds are left out. Lines
 * are merged into `profiles`. */
int creds_ini_read(const char *path, bool config, json_t *profiles, struct err *err);
/* The sections "[services x]" of a config file, by x: an object for each service. */
int creds_ini_services(const char *path, json_t *services, struct err *err);
json_t *creds_services(const struct creds_env *env, struct err *err);

#endif
