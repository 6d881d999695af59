/* Errors that say nothing of what was asked about: the caller may not ask, or is not known; the
 * service has had enough of questions, or is broken. Who takes one for "there is none" reports what
 * it has not seen. Serves the policies' `try`.
 *
 * Source of the codes: "Common error types" of the AWS API references, EC2's and S3's lists of
 * error codes, and the retry tables (retry.h). */
#ifndef AWS_OPERATIONS_REFUSAL_H
#define AWS_OPERATIONS_REFUSAL_H

#include <stdbool.h>

#include "base/err.h"

/* By the code alone, before anything was asked. */
bool refusal_code(const char *code);
/* By an answer's code, its other name, or its status (401, 403, 5xx but 501, which S3 says of what
 * it does not have). */
bool refusal_is(const struct err *err);

#endif
