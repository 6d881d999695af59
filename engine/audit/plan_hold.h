/* A plan while its calls are made: one process at a time works with its file, wherever that is
 * mounted, and one of the machine with its content, whatever files it was copied to. Serves apply.
 */
#ifndef AUDIT_PLAN_HOLD_H
#define AUDIT_PLAN_HOLD_H

#include "base/digest.h"
#include "base/err.h"

struct plan_hold {
    int fd;                  /* -1: not held */
    int claim;               /* of its content, in whatever file; -1: none */
    char digest[SHA256_HEX]; /* of the file's bytes: by it a journal names its plan */
};

/* Opens, locks and digests. ERR_IO: it cannot be read, or another process works with it. */
int plan_hold(struct plan_hold *hold, const char *path, struct err *err);
/* Is the file of that name still the one that is held? To be asked when it has been read. */
int plan_hold_check(const struct plan_hold *hold, const char *path, struct err *err);
void plan_release(struct plan_hold *hold);

#endif
