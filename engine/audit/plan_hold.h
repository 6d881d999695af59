/* Locks a plan while its calls are made. Only one process at a time works with the file, on any
 * machine that mounts it; only one process on a machine works with its content, even if the file
 * was copied. Serves apply. */
#ifndef AUDIT_PLAN_HOLD_H
#define AUDIT_PLAN_HOLD_H

#include "base/digest.h"
#include "base/err.h"

struct plan_hold {
    const char *name;        /* for messages, borrowed; NULL: the path */
    int fd;                  /* -1: not held */
    int claim;               /* lock on the content, whichever file it is in; -1: none */
    char digest[SHA256_HEX]; /* of the file's bytes; a journal names its plan by it */
};

/* Opens, locks and digests the file. ERR_IO: it cannot be read, or another process works with
 * it. */
int plan_hold(struct plan_hold *hold, const char *path, struct err *err);
/* Claims the content of a plan that has calls to make. Others may hold the same bytes: all plans
 * without calls are equal. ERR_IO: another process has claimed it. */
int plan_hold_claim(struct plan_hold *hold, const char *path, struct err *err);
/* Does this name still refer to the file that is held? Call it after the file was read. */
int plan_hold_check(const struct plan_hold *hold, const char *path, struct err *err);
void plan_release(struct plan_hold *hold);

#endif
