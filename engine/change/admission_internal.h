/* Shared by admission's own files: admission.c reads the text and decides, admission_names.c judges
 * the names in it, admission_units.c lists organizational units. */
#ifndef CHANGE_ADMISSION_INTERNAL_H
#define CHANGE_ADMISSION_INTERNAL_H

#include "change/admission.h"
#include "state/organization_list.h"

struct admission {
    json_t *lists;   /* by "*", account or unit: {"sqs":true,"s3_bucket.tls":true,"all":true} */
    bool given;      /* not the default */
    json_t *units;   /* account to its nearest unit among the lists */
    bool unreadable; /* there are units, and they could not be listed (yet) */

    struct organization_list *list; /* NULL: there are no units */
    admission_loaded done;
    void *arg;
};

#endif
