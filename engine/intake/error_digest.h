/* Reports failures of many targets once for each cause: the first in full, the others counted. So
 * one wrong key for a hundred accounts and regions makes one line. Serves poll; owns its copies. */
#ifndef INTAKE_ERROR_DIGEST_H
#define INTAKE_ERROR_DIGEST_H

#include <stddef.h>

#include "base/err.h"

struct cause;

struct error_digest { /* zero it before use */
    struct cause *items;
    size_t count;
};

/* `place` says in words where it failed; `account` is the account. A refusal concerns the
 * permissions in one account; any other error of an operation is the same cause everywhere. */
void error_digest_add(struct error_digest *error_digest, const char *target, const char *account,
                      const struct err *err);

/* Logs an error for each cause, in order of first occurrence, and clears them. */
void error_digest_log(struct error_digest *error_digest);

void error_digest_clear(struct error_digest *error_digest);

#endif
