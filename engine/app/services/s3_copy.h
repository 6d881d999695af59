/* Whose is the copy of a journal in S3? A copy replaces only the version that this process read or
 * wrote (Amazon S3 User Guide, "How to prevent object overwrites with conditional writes"): if
 * somebody removed the lock of a run that still works, another process may have written its own
 * steps there, and they must not be lost. After a lost response, the other version is our own.
 * Serves s3_change. */
#ifndef APP_SERVICES_S3_COPY_H
#define APP_SERVICES_S3_COPY_H

#include <stdbool.h>

#include "app/services/s3_change.h"

/* What to replace when the local file is copied. */
void s3_copy_expect(struct s3_change *change);
/* There is another version, or none: finds out whose, in the background or now. -1: it is another
 * process's, or it cannot be read. */
void s3_copy_look(struct s3_change *change);
int s3_copy_look_now(struct s3_change *change, struct err *err);

/* ERR_IO, for a copy that another process wrote. */
int s3_copy_refuse(const struct s3_change *change, struct err *err);

#endif
