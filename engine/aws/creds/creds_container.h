/* Credentials of a container (ECS, EKS Pod Identity), from its credential agent. Source: AWS SDKs
 * and Tools Reference Guide, "Container credential provider". Serves creds_chain and
 * creds_profile. */
#ifndef AWS_CREDS_CREDS_CONTAINER_H
#define AWS_CREDS_CREDS_CONTAINER_H

struct creds_env;
struct creds_provider;

struct creds_provider *creds_container(const struct creds_env *env);

#endif
