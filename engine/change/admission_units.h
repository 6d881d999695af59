/* The organizational units in REPAIR, listed before a run. Serves app/services. */
#ifndef CHANGE_ADMISSION_UNITS_H
#define CHANGE_ADMISSION_UNITS_H

#include "change/admission.h"

void admission_load(struct admission *admission, const struct context *context,
                    admission_loaded done, void *arg);
/* A listing that is under way ends after its page, and the next admission_load goes on there. */
void admission_stop(struct admission *admission);

#endif
