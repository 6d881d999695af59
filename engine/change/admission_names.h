/* The names in REPAIR: each is a check, a type or an alias of a type. Serves app/services. */
#ifndef CHANGE_ADMISSION_NAMES_H
#define CHANGE_ADMISSION_NAMES_H

#include "change/admission.h"

/* Each name must be a check, a type or an alias that the evaluator knows: otherwise ERR_USAGE with
 * a did-you-mean. With `some_only`, names of other types are accepted, because not all policies are
 * loaded. */
int admission_resolve(struct admission *admission, struct evaluator *evaluator, bool some_only,
                      struct err *err);

#endif
