/* A plan or a journal in S3 that a command works on: the lock, the plan's content, and the journal,
 * which is a local file with a copy in S3. The local file counts: each step is on the local disk
 * before its call is sent, as always. The copy follows it each second and at the end, so that
 * another machine can continue or undo what was done. Serves cmd_apply and cmd_undo. */
#ifndef APP_SERVICES_S3_CHANGE_H
#define APP_SERVICES_S3_CHANGE_H

#include "app/services/s3_lock.h"
#include "app/services/services_objects.h"

struct s3_change {
    struct services *services;
    struct s3_url subject; /* the plan or the journal that was named */
    struct s3_url journal;
    struct s3_lock lock;
    char *journal_path; /* of the local file */
    int plan_fd;        /* -1: none */
    char plan_path[32]; /* opens the plan's content */

    /* The copy of the journal. */
    struct loop_timer *timer;
    struct object_file upload;
    int upload_fd;                        /* -1: nothing is being sent */
    off_t copied;                         /* bytes of the journal in S3; -1: not known */
    char version[MESSAGE_OBJECT_VERSION]; /* of the copy in S3; "": there is none */
    bool failed;                          /* the last upload */
    bool looking;                         /* whose copy is it? s3_copy.h */
    bool foreign;                         /* another process wrote it */
    bool follows; /* the local file is the journal of this plan, so it may be copied */
};

#define S3_CHANGE_NONE ((struct s3_change){.plan_fd = -1, .upload_fd = -1, .copied = -1})

/* Takes the lock and reads the plan. Its journal is PLAN.journal; the local file is `local`, or, if
 * that is NULL, has the same last name in the working directory. The services are connected. */
int s3_change_plan(struct s3_change *change, struct services *services, const char *url,
                   const char *local, struct err *err);
/* Takes the lock of the journal, and makes the local file equal to it. */
int s3_change_journal(struct s3_change *change, struct services *services, const char *url,
                      struct err *err);
/* From now on the copy in S3 follows the local journal. */
void s3_change_follow(struct s3_change *change);
/* Copies the journal a last time, and releases the lock. If the copy fails, the lock stays: nobody
 * must work with an older journal. Call it after the journal was closed. Returns 0, or 1 after an
 * error was logged. */
int s3_change_close(struct s3_change *change);

#endif
