/* A finding: the result of one check of one resource, and the result of its repair. run creates
 * findings, gate changes them, reports and message read them. A finding is a json_t object of the
 * documented form; this file creates and reads it.
 *
 * {"account","region","type","id","check","title","severity","status","summary","evidence",
 *  "remediation","steps":[…],"controls":{…},"risk","advice","url","impact","repair","time",
 *  "error":{…},"exemption":{…},"held":"why"} */
#ifndef POLICY_FINDING_H
#define POLICY_FINDING_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "policy/evaluator.h"
#include "policy/resource.h"
#include "policy/verdict.h"

/* New finding from the entry of a check in an evaluator's outcome. `meta` describes the check:
 * finding_check_meta. status is "compliant", "non_compliant" or "unknown"; remediation is "none" or
 * "available", as "fix" of the entry says. NULL for a skipped check. */
json_t *finding_from_check(const struct policy *policy, const struct resource *resource,
                           const json_t *check, const json_t *meta);
/* One finding for each check of the policy, all with the same status ("unknown" with err, "gone",
 * "pending"): new array. */
json_t *findings_for_all(const struct policy *policy, const struct resource *resource,
                         enum verdict_status status, const struct err *err);
/* Finding for a target that could not be listed (a resource with the id "*"): check
 * "<type>.listed". `error` is an object as finding_error_json makes it, or a text; policy may be
 * NULL. New. */
json_t *finding_unlisted(const struct policy *policy, const struct resource *target,
                         const json_t *error);
/* The same check when the target can be listed again: compliant. New. */
json_t *finding_listed(const struct policy *policy, const struct resource *target);
#define FINDING_RUN_COMPLETE "run.complete"
/* In a planned finding: {"engine","commit","policies","caller"}, who made the plan. */
#define FINDING_MADE_BY "made_by"
/* Finding for a run that did not look at every resource it was given: check "run.complete", account
 * and region "*". `kind` says what interrupted the run: "interrupted", "cut", "line". New. */
json_t *finding_incomplete(const char *kind, const char *why);
/* Finding for exception rules that cannot be understood: check "run.exceptions". New. */
json_t *finding_rules_unreadable(const struct err *err);
/* The same check when the rules can be understood: compliant. New. */
json_t *finding_rules_readable(void);
/* A finding that belongs to no resource and to no policy: severity high, status unknown. Takes
 * ownership of error. New. */
json_t *finding_plain(const struct resource *resource, const char *check, const char *title,
                      const char *summary, json_t *error);
/* Makes such a finding compliant: what was unknown before passes now. */
void finding_clear(json_t *finding);
/* Metadata of a check ("sqs.public") in policy->meta, borrowed; NULL if there is no such check. */
const json_t *finding_check_meta(const struct policy *policy, const char *check);
/* Members of that metadata which findings also have: "risk", "advice", "url", "impact", "repair";
 * NULL-terminated. Each may be missing. */
extern const char *const finding_check_fields[];

void finding_set(json_t *finding, const char *key, const char *value);
void finding_set_error(json_t *finding, const struct err *err);
/* Sets status exempt, because a rule (of exceptions_match) matches. */
void finding_exempt(json_t *finding, const json_t *rule);
/* {"kind","code","message","operation","request_id"}, and "transient": true if a later retry may
 * help. */
json_t *finding_error_json(const struct err *err);
const char *finding_get(const json_t *finding, const char *key); /* "" when absent */
/* Is it unknown, failed or held for a reason that may be transient? */
bool finding_is_transient(const json_t *finding);
/* Why it is unknown, from its error. */
enum finding_cause {
    CAUSE_REFUSED,   /* permissions or credentials */
    CAUSE_THROTTLED, /* AWS allowed no more calls */
    CAUSE_NO_ANSWER, /* network, a fault of the service, not enough time */
    CAUSE_OTHER,
    CAUSE_COUNT
};
enum finding_cause finding_cause(const json_t *finding);

/* Key for merging: account, region (not for global types), type, id, check. mem_free. */
char *finding_identity(const struct policy *policy, const json_t *finding);

/* 0: nothing left to do; 1: unknown, pending, failed; 2: something left (available, none, planned,
 * held). */
int finding_exit_status(const json_t *finding);
/* Combines two exit statuses: 1 wins over 2 wins over 0. */
int finding_worse(int a, int b);
/* Is it sent to SNS? non_compliant, fixed, failed, held, unknown and exempt are; compliant never
 * is. */
bool finding_is_notified(const json_t *finding);

#endif
