/* Checks the steps of a fix against the API models before anything is planned. It finds what AWS
 * would refuse in a call, or in the call that undoes it. Serves run and gate. */
#ifndef CHANGE_STEPS_CHECK_H
#define CHANGE_STEPS_CHECK_H

#include <jansson.h>

#include "aws/model/model.h"
#include "base/err.h"

/* ERR_PARAM names the check, the step (counted from 1, as policies do) and the parameter. */
int steps_check(struct model_set *models, const char *check, const json_t *steps, struct err *err);

#endif
