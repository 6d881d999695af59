/* A provider for a profile of the shared files. Source: AWS SDKs and Tools Reference Guide, "Assume
 * role credential provider", and botocore's order where the guide does not say. Serves creds_chain;
 * calls the sources. */
#ifndef AWS_CREDS_CREDS_PROFILE_H
#define AWS_CREDS_CREDS_PROFILE_H

#include <jansson.h>

#include "base/err.h"

struct creds_env;
struct creds_provider;

/* The provider of a profile. NULL with err on error; NULL with ERR_NONE if the profile configures
 * no credentials. */
struct creds_provider *creds_profile(const struct creds_env *env, const json_t *profiles,
                                     const char *name, struct err *err);

#endif
