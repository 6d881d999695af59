/* A profile of the shared files, as a provider. Source: AWS SDKs and Tools Reference Guide, "Assume
 * role credential provider", and botocore's order where the guide is silent. Serves creds_chain;
 * calls the sources. */
#ifndef AWS_CREDS_CREDS_PROFILE_H
#define AWS_CREDS_CREDS_PROFILE_H

#include <jansson.h>

#include "base/err.h"

struct creds_env;
struct creds_provider;

/* A profile's provider; NULL with err, or NULL with ERR_NONE when it names no credentials. */
struct creds_provider *creds_profile(const struct creds_env *env, const json_t *profiles,
                                     const char *name, struct err *err);

#endif
