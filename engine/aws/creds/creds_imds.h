/* Credentials of an EC2 instance's role, from version 2 of the metadata service. Version 1 is not
 * used: it can be reached through a proxy or a redirect. Source: EC2 User Guide, "Retrieve instance
 * metadata", and AWS SDKs and Tools Reference Guide, "IMDS credential provider". Serves creds_chain
 * and creds_profile. */
#ifndef AWS_CREDS_CREDS_IMDS_H
#define AWS_CREDS_CREDS_IMDS_H

struct creds_env;
struct creds_provider;

struct creds_provider *creds_imds(const struct creds_env *env);

#endif
