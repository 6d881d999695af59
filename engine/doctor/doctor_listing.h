/* Lists the first resources of each type, as a scan begins: the real test of the endpoint, the
 * region, the session policy and the permissions that listing needs. Serves doctor_account. */
#ifndef DOCTOR_DOCTOR_LISTING_H
#define DOCTOR_DOCTOR_LISTING_H

#include "doctor/doctor_account.h"

struct doctor_listing;
/* Of all targets of the account; done is called once, from the loop. */
struct doctor_listing *doctor_listing_start(struct doctor_account *account, loop_fn done,
                                            void *arg);
void doctor_listing_free(struct doctor_listing *listing);

#endif
