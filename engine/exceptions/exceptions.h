/* Exceptions: rules that exempt resources from checks, by account, region, type, check, id pattern
 * (exact or glob, never substring) and tag, each with reason, owner and expiry. The older variables
 * become rules of the same kind. Serves run, gate, apply; calls the evaluator for a file of Lua
 * data. Sources: EXCEPTIONS file (JSON, or Lua data if its name ends in .lua),
 * S3_BUCKET_IGNORE_LIST, EC2_INSTANCE_IGNORE_LIST, REMEDIATION_MODULE_EXCEPTION,
 * REMEDIATION_RESOURCE_EXCEPTION. */
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
/* The rules that EXCEPTIONS names, if they are not in a file of this machine. */
struct exceptions_text {
    const char *bytes;
    size_t length;
    const struct err *unread; /* why they could not be read; NULL: they were */
};
/* Reads all sources. `text` has the rules that the setting names; NULL: it names a file, or
 * nothing. If a file or variable is broken, *err is set AND the returned set has
 * exceptions_audit_only true: the caller must report the error prominently and change nothing.
 * `evaluator` reads files of Lua data; if it is NULL, they count as broken. */
struct exceptions *exceptions_load(const struct settings *settings,
                                   const struct exceptions_text *text, struct evaluator *evaluator,
                                   settings_getenv getenv_fn, int64_t now_ms, struct err *err);
void exceptions_free(struct exceptions *exceptions);
bool exceptions_audit_only(const struct exceptions *exceptions);

/* The check and resource that rules are matched with. */
struct exceptions_subject {
    const struct policy *policy;
    const struct resource *resource;
    const char *check;
    const json_t *tags; /* an object; NULL or null: not known, so no rule by tag matches */
    const char *region; /* for a resource of a global type that has one; NULL: not known, or none */
    const char *arn;    /* a template; NULL: the policy's own */
    const char *part;   /* an id from the finding's evidence, in place of the resource's own */
};

/* May a fix run, or touch a part of what was found? The implementation of audit_options.may_fix. */
bool exceptions_may_fix(struct exceptions *exceptions, const struct policy *policy,
                        const struct resource *resource, const struct audit_asked *asked);
/* Does any rule need the regions of resources of this global type? */
bool exceptions_ask_region(const struct exceptions *exceptions, const struct policy *policy);
/* When an audit should read the tags: never, unless a rule for this type and account needs them. */
enum audit_tags exceptions_ask_tags(const struct exceptions *exceptions,
                                    const struct policy *policy, const struct resource *resource);

/* {"rule","reason","owner","expires"} of the first rule that matches, borrowed; NULL: none. A rule
 * by region applies to a type without regions only if it says "global". `exceptions` may be
 * NULL. */
const json_t *exceptions_match(struct exceptions *exceptions,
                               const struct exceptions_subject *subject);
/* The name of a rule that would match for some value of the tags, or of the region, which are not
 * known; NULL: none. If there is one, nothing may be changed. Rules for every type count only if
 * the type has tags. */
const char *exceptions_doubt(const struct exceptions *exceptions,
                             const struct exceptions_subject *subject);
/* Warns on stderr about expired rules and, if `all` resources were audited, about rules that never
 * matched. */
void exceptions_report(const struct exceptions *exceptions, bool all);

#endif
