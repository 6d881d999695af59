/* What is left alone: rules by account, region, type, check, id pattern (exact or glob, never
 * substring) and tag, each with reason, owner and expiry; the older variables fold into the same
 * rules. Serves run. Sources: EXCEPTIONS file (JSON), S3_BUCKET_IGNORE_LIST,
 * EC2_INSTANCE_IGNORE_LIST, REMEDIATION_MODULE_EXCEPTION, REMEDIATION_RESOURCE_EXCEPTION. */
#ifndef WORK_EXCEPTIONS_H
#define WORK_EXCEPTIONS_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "work/evaluator.h"
#include "work/settings.h"

struct exceptions;
/* Reads all sources. A broken file or variable: *err is set AND a set is returned in which
 * exceptions_audit_only is true: the caller says it loudly and changes nothing. */
struct exceptions *exceptions_load(const struct settings *settings, settings_getenv getenv_fn,
                                   int64_t now_ms, struct err *err);
void exceptions_free(struct exceptions *exceptions);
bool exceptions_audit_only(const struct exceptions *exceptions);

/* {"rule","reason","owner","expires"} of the first rule that matches, borrowed; NULL: none. The
 * region of a global type is not compared. `tags` may be NULL. */
const json_t *exceptions_match(struct exceptions *exceptions, const struct policy *policy,
                               const struct resource *resource, const char *check,
                               const json_t *tags);
/* Rules that never matched, and expired ones, as warnings on stderr. */
void exceptions_report(const struct exceptions *exceptions);

#endif
