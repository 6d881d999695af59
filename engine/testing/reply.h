/* A reply of a test file, in one of these forms:
 *   { Attributes = {…} }                            the result of the operation
 *   { fault = "AccessDenied", message =, status = }  an error
 *   { pages = { {…}, {…} } }                        the pages of a list
 *   { { with = {…}, reply = … }, … }                the first whose parameters occur in the call
 * Results are checked against the API model: a member that it does not have, a value of another
 * type, and a text that is not among the listed values are errors. Serves canned, test_file. */
#ifndef TESTING_REPLY_H
#define TESTING_REPLY_H

#include <jansson.h>

#include "aws/model/model.h"
#include "base/err.h"

/* Checks all forms of the reply to "sqs:ListQueues"; ERR_POLICY names the position. */
int reply_check(struct model_set *models, const char *operation, const json_t *reply,
                const char *where, struct err *err);

/* The answer to a call with these parameters: 0 with a new result; -1 with the error of a fault; -1
 * with ERR_PARAM if no alternative fits. */
int reply_give(const struct model *model, model_operation operation, const json_t *reply,
               const json_t *params, json_t **result, struct err *err);

/* Splits "sqs:ListQueues" and finds both parts. */
int reply_operation(struct model_set *models, const char *name, const struct model **model,
                    model_operation *operation, struct err *err);

#endif
