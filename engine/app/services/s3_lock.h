/* The lock of a plan or journal in S3: an object that S3 creates only if there is none, so one
 * process at a time holds it, on any machine. It says who holds it. A process that is killed leaves
 * it behind; an operator then removes it. Serves s3_change. */
#ifndef APP_SERVICES_S3_LOCK_H
#define APP_SERVICES_S3_LOCK_H

#include "app/services/services.h"
#include "value/s3_url.h"

struct s3_lock {
    struct s3_url url;
    char token[40]; /* ours; "": not held */
};

/* ERR_IO: another process holds it; the message says who, since when, and how to remove it. */
int s3_lock_take(struct s3_lock *lock, struct services *services, const struct s3_url *url,
                 struct err *err);
/* Removes the object if it is still ours. */
int s3_lock_release(struct s3_lock *lock, struct services *services, struct err *err);

#endif
