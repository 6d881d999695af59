/* The role or user whose policies count, for the identity that signs: the simulator takes no
 * session. Serves doctor_simulation. */
#ifndef DOCTOR_DOCTOR_PRINCIPAL_H
#define DOCTOR_DOCTOR_PRINCIPAL_H

#include "doctor/doctor_account.h"

/* Either the ARN of a role or user, or why there is none. */
typedef void (*doctor_principal_done)(void *arg, const char *arn, const char *why);

struct doctor_principal;
/* Of account->principal, which may be a session. done is called once, from the loop. */
struct doctor_principal *doctor_principal_start(struct doctor_account *account,
                                                doctor_principal_done done, void *arg);
void doctor_principal_free(struct doctor_principal *principal);

#endif
