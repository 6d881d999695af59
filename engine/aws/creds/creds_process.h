/* Credentials from a program that the user configured (credential_process). It runs without
 * blocking the loop. Source: AWS SDKs and Tools Reference Guide, "Process credential provider".
 * Serves creds_profile. */
#ifndef AWS_CREDS_CREDS_PROCESS_H
#define AWS_CREDS_CREDS_PROCESS_H

struct creds_env;
struct creds_provider;

struct creds_provider *creds_process(const struct creds_env *env, const char *profile,
                                     const char *command);

#endif
