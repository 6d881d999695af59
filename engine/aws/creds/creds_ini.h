/* The shared config and credentials files. Source: AWS SDKs and Tools Reference Guide, "Shared
 * config and credentials files", and what botocore and the CLI accept. Serves creds_profile and
 * creds_region. */
#ifndef AWS_CREDS_CREDS_INI_H
#define AWS_CREDS_CREDS_INI_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"

struct creds_env;

/* Reads the shared files: an object of profiles, each an object of texts, with keys in lower case.
 * Returns NULL and sets err if a file cannot be parsed. */
json_t *creds_profiles(const struct creds_env *env, struct err *err);
/* The error for a profile that these do not have: names the files, and the nearest profile. */
int creds_refuse_profile(const struct creds_env *env, const json_t *profiles, const char *name,
                         enum err_kind kind, struct err *err);
/* Reads one file and merges its settings into `profiles`. `config`: the section "[profile x]" is
 * profile x, and sections of other kinds are ignored. */
int creds_ini_read(const char *path, bool config, json_t *profiles, struct err *err);
/* Reads the sections "[services x]" of a config file into an object by x, each with an object for
 * each service. */
int creds_ini_services(const char *path, json_t *services, struct err *err);
json_t *creds_services(const struct creds_env *env, struct err *err);

#endif
