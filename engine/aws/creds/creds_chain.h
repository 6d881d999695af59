/* Finds the engine's own credentials in the places where AWS tools look, in the usual order. The
 * first place that is configured is used; if it fails, the next one is not tried. Source: AWS SDKs
 * and Tools Reference Guide, "Credential provider chain". Serves services; calls the sources. */
#ifndef AWS_CREDS_CREDS_CHAIN_H
#define AWS_CREDS_CREDS_CHAIN_H

struct creds_env;
struct creds_provider;

/* Environment, web identity, shared config and credentials files (profiles, role_arn with
 * source_profile or credential_source, credential_process), container, instance (IMDSv2). Profiles
 * that use SSO or MFA are refused, with a message that says what to do instead. */
struct creds_provider *creds_chain(const struct creds_env *env);

#endif
