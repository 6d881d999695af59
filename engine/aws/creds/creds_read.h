/* What several sources read: variables, token files, JSON that holds keys. Serves the sources. */
#ifndef AWS_CREDS_CREDS_READ_H
#define AWS_CREDS_CREDS_READ_H

#include <jansson.h>
#include <stddef.h>

#include "base/err.h"

struct creds;
struct creds_env;

/* A variable's value, NULL when unset or empty. */
const char *creds_getenv(const struct creds_env *env, const char *name);
/* A small text file without its last line breaks, for tokens; mem_free_secret. */
char *creds_read_file(const char *path, struct err *err);
/* AccessKeyId, SecretAccessKey, the token by its name, Expiration. `what` says who gave the text;
 * no byte of the text reaches err. */
struct creds *creds_from_json(const char *text, size_t length, const char *token_name,
                              const char *what, struct err *err);
/* Overwrites all texts within before freeing; the caller's must be the only reference. */
void creds_json_free(json_t *value);

#endif
