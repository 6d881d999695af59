/* Which reads the policies declare, by the resource on which each must be allowed; with
 * SECURITY_HUB, also the import of findings. Serves doctor_simulation. */
#ifndef DOCTOR_DOCTOR_WANTED_H
#define DOCTOR_DOCTOR_WANTED_H

#include <jansson.h>

#include "doctor/doctor_account.h"

/* {"*" or an ARN:{"sqs:ListQueues":{"sqs":true}}}: resource, action, types (or the
 * setting that needs it); new. */
json_t *doctor_wanted(const struct doctor_account *account, size_t *actions);

#endif
