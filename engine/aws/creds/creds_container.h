/* Credentials of a container (ECS, EKS Pod Identity), from its credential agent. Source: AWS SDKs
 * and Tools Reference Guide, "Container credential provider". Serves creds_chain and
 * creds_profile. */
#ifndef AWS_CREDS_CREDS_CONTAINER_H
#define AWS_CREDS_CREDS_CONTAINER_H

#include <stdbool.h>

struct creds_env;
struct creds_provider;

/* Does the environment name an agent? */
bool creds_container_has(const struct creds_env *env);
struct creds_provider *creds_container(const struct creds_env *env);

#endif
