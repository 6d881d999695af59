/* What a plan says about its origin, in the form of a run's record. Serves cmd_show. */
#ifndef SCOPE_SCOPE_PLAN_H
#define SCOPE_SCOPE_PLAN_H

#include <jansson.h>

/* `made_by` is {"engine","commit","policies","caller"}. New. */
json_t *scope_of_plan(const json_t *made_by);

#endif
