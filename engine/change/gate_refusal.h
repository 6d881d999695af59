/* What AWS means by refusing a call. Serves repair and undo; pure. */
#ifndef CHANGE_GATE_REFUSAL_H
#define CHANGE_GATE_REFUSAL_H

#include <stdbool.h>

#include "base/err.h"

/* Was the call refused since another change of the resource is under way? */
bool gate_refused_as_busy(const struct err *err);
/* The first call of a repair was refused, so nothing was changed: why the finding is held, since
 * the refusal would be the same each time; NULL: it is no such refusal. */
const char *gate_refusal_holds(const struct err *err);

#endif
