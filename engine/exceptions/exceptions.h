/* What is left alone: rules by account, region, type, check, id pattern (exact or glob, never
 * substring) and tag, each with reason, owner and expiry; the older variables fold into the same
 * rules. Serves run, gate, apply; calls the evaluator, for a file of Lua data. Sources: EXCEPTIONS
 * file (JSON, or Lua data when its name ends in .lua), S3_BUCKET_IGNORE_LIST,
 * EC2_INSTANCE_IGNORE_LIST, REMEDIATION_MODULE_EXCEPTION, REMEDIATION_RESOURCE_EXCEPTION. */
#ifndef EXCEPTIONS_EXCEPTIONS_H
#define EXCEPTIONS_EXCEPTIONS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "policy/evaluator.h"
#include "policy/resource.h"
#include "settings/settings.h"

struct exceptions;
/* Reads all sources. A broken file or variable: *err is set AND a set is returned in which
 * exceptions_audit_only is true: the caller says it loudly and changes nothing. `evaluator` reads
 * files of Lua data; NULL: they count as broken. */
struct exceptions *exceptions_load(const struct settings *settings, struct evaluator *evaluator,
                                   settings_getenv getenv_fn, int64_t now_ms, struct err *err);
void exceptions_free(struct exceptions *exceptions);
bool exceptions_audit_only(const struct exceptions *exceptions);

/* What is asked about. */
struct exceptions_subject {
    const struct policy *policy;
    const struct resource *resource;
    const char *check;
    const json_t *tags; /* an object; NULL or null: not known, so that no rule by tag matches */
    const char *region; /* of a global type's resource that has one; NULL: not known, or none */
    const char *arn;    /* a template; NULL: the policy's own */
    const char *part; /* an id that the finding's evidence names, in place of the resource's own */
};

/* May a fix be asked for, or touch a part of what was found? The answer to audit_options.may_fix.
 */
bool exceptions_let(struct exceptions *exceptions, const struct policy *policy,
                    const struct resource *resource, const struct audit_asked *asked);
/* Does any rule ask where the resources of this global type are? */
bool exceptions_ask_region(const struct exceptions *exceptions, const struct policy *policy);

/* {"rule","reason","owner","expires"} of the first rule that matches, borrowed; NULL: none. A rule
 * by region holds for a type without one only where it says "global". `exceptions` may be NULL. */
const json_t *exceptions_match(struct exceptions *exceptions,
                               const struct exceptions_subject *subject);
/* A rule that would match if the tags, or the region, which are not known, were as it wants: its
 * name; NULL: none.
 * Nothing may be changed then. Rules for every type count only where the type has tags. */
const char *exceptions_doubt(const struct exceptions *exceptions,
                             const struct exceptions_subject *subject);
/* Expired rules as warnings on stderr, and, where `all` resources were looked at, those that never
 * matched. */
void exceptions_report(const struct exceptions *exceptions, bool all);

#endif
