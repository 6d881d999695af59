/* The organizational units in REPAIR, listed before a run. Serves app/services. */
#ifndef CHANGE_ADMISSION_UNITS_H
#define CHANGE_ADMISSION_UNITS_H

#include "change/admission.h"

void admission_load(struct admission *admission, const struct context *context,
                    admission_loaded done, void *arg);
/* A running listing ends after its current page; the next admission_load continues there. */
void admission_stop(struct admission *admission);

#endif
