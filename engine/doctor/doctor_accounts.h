/* The probes in each account, some accounts at a time: the role, the regions, what the role may do,
 * and the listing of each type. Serves doctor. */
#ifndef DOCTOR_DOCTOR_ACCOUNTS_H
#define DOCTOR_DOCTOR_ACCOUNTS_H

#include "doctor/doctor.h"

struct doctor_accounts *doctor_accounts_start(struct doctor *doctor);
void doctor_accounts_free(struct doctor_accounts *accounts);

#endif
