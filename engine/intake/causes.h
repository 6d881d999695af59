/* Failures of many places told once for each cause: the first in full, the others counted, so that
 * one wrong key among a hundred accounts and regions is one line. Serves poll; owns its copies. */
#ifndef INTAKE_CAUSES_H
#define INTAKE_CAUSES_H

#include <stddef.h>

#include "base/err.h"

struct cause;

struct causes { /* zero it before use */
    struct cause *items;
    size_t count;
};

/* `place` is where it failed, in words, `account` whose it is: a refusal concerns the rights in one
 * account, whereas what else AWS says of an operation is the same cause everywhere. */
void causes_add(struct causes *causes, const char *place, const char *account,
                const struct err *err);

/* Logs an error for each cause, in the order of their coming, and forgets them. */
void causes_tell(struct causes *causes);

void causes_clear(struct causes *causes);

#endif
