/* Which reads or writes the policies declare, by the resource on which each must be allowed; with
 * SECURITY_HUB, the import of findings is one of the reads. Serves doctor_simulation. */
#ifndef DOCTOR_DOCTOR_WANTED_H
#define DOCTOR_DOCTOR_WANTED_H

#include <jansson.h>

#include "doctor/doctor_account.h"

/* {"*" or an ARN:{"sqs:ListQueues":{"sqs":true}}}: resource, action, types (or the setting that
 * needs it); new. `access`: "read" or "write". */
json_t *doctor_wanted(const struct doctor_account *account, const char *access, size_t *actions);

#endif
