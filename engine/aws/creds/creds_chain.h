/* Where an AWS tool looks for its own credentials, in the usual order; the first place that is
 * configured decides, and its failure is not covered up by the next. Source: AWS SDKs and Tools
 * Reference Guide, "Credential provider chain". Serves services; calls the sources. */
#ifndef AWS_CREDS_CREDS_CHAIN_H
#define AWS_CREDS_CREDS_CHAIN_H

struct creds_env;
struct creds_provider;

/* Environment, web identity, shared config and credentials files (profiles, role_arn with
 * source_profile or credential_source, credential_process), container, instance (IMDSv2). SSO and
 * MFA profiles are refused with a word on what to do instead. */
struct creds_provider *creds_chain(const struct creds_env *env);

#endif
