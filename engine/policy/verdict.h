/* The words of a verdict, each an enum with one table of names: what was found, what became of a
 * repair, what a fix said, what state a resource was in. Findings and the evaluator's outcomes hold
 * the names (they are JSON); who decides by one asks here, so that a mistyped word does not
 * compile. Serves everybody above; calls json. */
#ifndef POLICY_VERDICT_H
#define POLICY_VERDICT_H

#include <jansson.h>

/* A finding's or a check's "status". A word that is none of these, or none at all, is unknown: it
 * never passes for compliant. */
enum verdict_status {
    STATUS_UNKNOWN,
    STATUS_COMPLIANT,
    STATUS_NON_COMPLIANT,
    STATUS_EXEMPT,
    STATUS_PENDING,
    STATUS_GONE,
    STATUS_RESOLVED, /* notified once, of what was told before */
    STATUS_SKIPPED   /* of a check that does not apply: it makes no finding */
};
const char *verdict_status_name(enum verdict_status status);
enum verdict_status verdict_status_parse(const char *name); /* NULL: unknown */
enum verdict_status verdict_status(const json_t *finding);
void verdict_set_status(json_t *finding, enum verdict_status status);

/* A finding's "remediation"; none at all is none. */
enum verdict_remediation {
    REMEDIATION_NONE,
    REMEDIATION_AVAILABLE,
    REMEDIATION_PLANNED,
    REMEDIATION_FIXED,
    REMEDIATION_FAILED,
    REMEDIATION_HELD
};
const char *verdict_remediation_name(enum verdict_remediation remediation);
enum verdict_remediation verdict_remediation(const json_t *finding);
void verdict_set_remediation(json_t *finding, enum verdict_remediation remediation);

/* What became of the fix of a check in an outcome ("fix"). */
enum verdict_fix {
    FIX_UNASKED, /* the outcome does not say */
    FIX_NONE,
    FIX_STEPS,
    FIX_COVERED, /* another check's steps suffice */
    FIX_WAITS,   /* for the steps before it: decided at the fresh read */
    FIX_HELD,
    FIX_FAILED
};
enum verdict_fix verdict_fix(const json_t *entry);

/* The "state" of an outcome: could the resource be read? NULL, and an outcome without one, is
 * neither. */
enum verdict_state { STATE_NONE, STATE_OK, STATE_GONE, STATE_LATER };
enum verdict_state verdict_state(const json_t *outcome);

#endif
