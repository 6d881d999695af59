/* Reports failures of many targets once for each cause: the first in full, the others counted. So
 * one wrong key for a hundred accounts and regions makes one line. Serves poll; owns its copies. */
#ifndef INTAKE_CAUSES_H
#define INTAKE_CAUSES_H

#include <stddef.h>

#include "base/err.h"

struct cause;

struct causes { /* zero it before use */
    struct cause *items;
    size_t count;
};

/* `place` says in words where it failed; `account` is the account. A refusal concerns the
 * permissions in one account; any other error of an operation is the same cause everywhere. */
void causes_add(struct causes *causes, const char *place, const char *account,
                const struct err *err);

/* Logs an error for each cause, in order of first occurrence, and clears them. */
void causes_tell(struct causes *causes);

void causes_clear(struct causes *causes);

#endif
