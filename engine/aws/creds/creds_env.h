/* Keys in the environment. Read at every fetch; what needs no fetch to be known is said then too.
 * Serves creds_chain and creds_profile. */
#ifndef AWS_CREDS_CREDS_ENV_H
#define AWS_CREDS_CREDS_ENV_H

struct creds_env;
struct creds_provider;

struct creds_provider *creds_environment(const struct creds_env *env);

#endif
