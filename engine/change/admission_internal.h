/* Shared by admission's own files: admission.c parses the value and decides, admission_names.c
 * checks the names in it, admission_units.c lists organizational units. */
#ifndef CHANGE_ADMISSION_INTERNAL_H
#define CHANGE_ADMISSION_INTERNAL_H

#include "change/admission.h"
#include "state/organization_list.h"

struct admission {
    json_t *lists;   /* by "*", account or unit: {"sqs":true,"s3_bucket.tls":true,"all":true} */
    bool given;      /* REPAIR is set (not the default) */
    json_t *units;   /* maps an account to its nearest unit among the lists */
    bool unreadable; /* there are units, and they are not listed (yet) */

    struct organization_list *list; /* NULL: there are no units */
    admission_loaded done;
    void *arg;
};

#endif
