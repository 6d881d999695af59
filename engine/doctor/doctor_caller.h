/* Whose credentials are these: where they come from, until when they are valid, and whom AWS takes
 * them for. Serves doctor. */
#ifndef DOCTOR_DOCTOR_CALLER_H
#define DOCTOR_DOCTOR_CALLER_H

#include "doctor/doctor.h"

struct doctor_caller;
/* Fills the doctor's `caller` and `caller_account` when they are known. */
struct doctor_caller *doctor_caller_start(struct doctor *doctor);
void doctor_caller_free(struct doctor_caller *caller);

#endif
