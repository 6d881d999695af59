/* Interprets why AWS refused a call. Serves repair and undo; pure. */
#ifndef CHANGE_GATE_REFUSAL_H
#define CHANGE_GATE_REFUSAL_H

#include <stdbool.h>

#include "base/err.h"

/* Was the call refused because another change of the resource is in progress? */
bool gate_refused_as_busy(const struct err *err);
/* AWS refused the first call of a repair, so nothing was changed. Returns why the finding is held,
 * if a retry would be refused in the same way; otherwise NULL. */
const char *gate_refusal_holds(const struct err *err);

#endif
