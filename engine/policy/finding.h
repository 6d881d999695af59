/* A finding: what was found about one resource and one check, and what became of it. Made by run,
 * changed by gate, read by reports and message. It is a json_t object of the documented form; this
 * file makes and reads it.
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

/* New finding from a check's entry in an evaluator's outcome. status is "compliant",
 * "non_compliant", "unknown"; remediation "none" or "available" as the entry's fix says. NULL for
 * a skipped check. */
json_t *finding_from_check(const struct policy *policy, const struct resource *resource,
                           const json_t *check);
/* One finding per check of the policy, all of the same status ("unknown" with err, "gone",
 * "pending"): new array. */
json_t *findings_for_all(const struct policy *policy, const struct resource *resource,
                         enum verdict_status status, const struct err *err);
/* Of a place that could not be listed (a resource with the id "*"): check "<type>.listed". `error`
 * is an object as finding_error_json makes it, or a text; policy may be NULL. New. */
json_t *finding_unlisted(const struct policy *policy, const struct resource *place,
                         const json_t *error);
/* The same where it can be listed by now: compliant. New. */
json_t *finding_listed(const struct policy *policy, const struct resource *place);
/* Of a run that did not look at all it was told to: check "run.complete", of no account and no
 * region ("*"). `kind` says what came between: "interrupted", "cut", "line". New. */
json_t *finding_incomplete(const char *kind, const char *why);
/* Of rules of exceptions that cannot be understood: check "run.exceptions". New. */
json_t *finding_unruled(const struct err *err);
/* The same where they can be: compliant. New. */
json_t *finding_ruled(void);
/* Metadata of a check ("sqs.public") in policy->meta, borrowed; NULL when there is none. */
const json_t *finding_check_meta(const struct policy *policy, const char *check);
/* Members of that metadata which findings carry as well: "risk", "advice", "url", "impact",
 * "repair"; NULL-ended. Each may be missing. */
extern const char *const finding_story[];

void finding_set(json_t *finding, const char *key, const char *value);
void finding_set_error(json_t *finding, const struct err *err);
/* Of status "exempt": a rule (of exceptions_match) says leave it. */
void finding_exempt(json_t *finding, const json_t *rule);
/* {"kind","code","message","operation","request_id"}, and "transient": true where trying again
 * later may help. */
json_t *finding_error_json(const struct err *err);
const char *finding_get(const json_t *finding, const char *key); /* "" when absent */
/* Could not be told, not be repaired, or was held, for a reason that may pass? */
bool finding_may_pass(const json_t *finding);

/* Identity for merging: account, region (not for global types), type, id, check. mem_free. */
char *finding_identity(const struct policy *policy, const json_t *finding);

/* 0 nothing left; 1 unknown, pending, failed; 2 something left (available, none, planned, held). */
int finding_exit_status(const json_t *finding);
/* Combines two exit statuses: 1 wins over 2 wins over 0. */
int finding_worse(int a, int b);
/* Whether SNS is told: non_compliant, fixed, failed, held, unknown, exempt; never compliant. */
bool finding_is_notified(const json_t *finding);

#endif
