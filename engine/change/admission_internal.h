/* Shared by admission's own files: admission.c reads the text and decides, admission_names.c judges
 * the names in it, admission_units.c lists organizational units. */
#ifndef CHANGE_ADMISSION_INTERNAL_H
#define CHANGE_ADMISSION_INTERNAL_H

#include "accounts/organization_walk.h"
#include "change/admission.h"

struct admission {
    json_t *lists;   /* by "*", account or unit: {"sqs":true,"s3_bucket.tls":true,"all":true} */
    bool given;      /* not the default */
    json_t *units;   /* account to its nearest unit among the lists */
    bool unreadable; /* there are units, and they could not be listed (yet) */

    struct organization_walk *walk; /* while they are listed; NULL: nothing is under way */
    json_t *left;                   /* where a listing was cut off; NULL: from the beginning */
    struct err err;
    admission_loaded done;
    void *arg;
};

#endif
