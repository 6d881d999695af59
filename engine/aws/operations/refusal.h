/* Errors that say nothing about the resource: access was denied, the caller is unknown, or the
 * service throttles or fails. Code that takes such an error for "not found" would report on a
 * resource that it has not seen. Serves the policies' `try`.
 *
 * Source of the codes: "Common error types" of the AWS API references, EC2's and S3's lists of
 * error codes, and the retry tables (retry.h). */
#ifndef AWS_OPERATIONS_REFUSAL_H
#define AWS_OPERATIONS_REFUSAL_H

#include <stdbool.h>

#include "base/err.h"

/* Checks the code alone, before any request. */
bool refusal_code(const char *code);
/* Checks the code of an error response, its alias, and its status (401, 403, 5xx except 501, which
 * S3 returns for features that it does not have). */
bool refusal_is(const struct err *err);
/* Does the error response say that the caller, who is known, lacks a permission? */
bool refusal_of_permission(const struct err *err);

#endif
