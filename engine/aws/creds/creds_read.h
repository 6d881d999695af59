/* Helpers that several sources share: read variables, token files, and JSON that holds keys. Serves
 * the sources. */
#ifndef AWS_CREDS_CREDS_READ_H
#define AWS_CREDS_CREDS_READ_H

#include <jansson.h>
#include <stddef.h>

#include "base/err.h"

struct creds;
struct creds_env;

/* The value of a variable, or NULL if it is unset or empty. */
const char *creds_getenv(const struct creds_env *env, const char *name);
/* The profile that an option, AWS_PROFILE or AWS_DEFAULT_PROFILE names; NULL: none, so
 * "default". */
const char *creds_profile_chosen(const struct creds_env *env);
/* Reads a small text file, such as a token, without its trailing line breaks; free with
 * mem_free_secret. */
char *creds_read_file(const char *path, struct err *err);
/* Reads AccessKeyId, SecretAccessKey, the token under the given name, and Expiration. `what` names
 * the source of the text in messages; no byte of the text itself reaches err. */
struct creds *creds_from_json(const char *text, size_t length, const char *token_name,
                              const char *what, struct err *err);
/* Overwrites all texts in the value, then frees it. The caller's must be the only reference. */
void creds_json_free(json_t *value);

#endif
