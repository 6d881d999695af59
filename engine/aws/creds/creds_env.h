/* Keys in the environment. They are read at every fetch, but errors that need no fetch are reported
 * when the provider is created. Serves creds_chain and creds_profile. */
#ifndef AWS_CREDS_CREDS_ENV_H
#define AWS_CREDS_CREDS_ENV_H

#include <stdbool.h>

struct creds_env;
struct creds_provider;

/* Does the environment name a key? */
bool creds_environment_has(const struct creds_env *env);
struct creds_provider *creds_environment(const struct creds_env *env);

#endif
