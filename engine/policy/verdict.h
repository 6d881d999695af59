/* The words of a verdict. Each is an enum with one table of names: the status, the result of a
 * repair, the result of a fix, the state of a resource. Findings and the evaluator's outcomes
 * contain the names (they are JSON). Code that decides by a name converts it to the enum here, so
 * that a mistyped name does not compile. Serves everything above; calls json. */
#ifndef POLICY_VERDICT_H
#define POLICY_VERDICT_H

#include <jansson.h>

/* "status" of a finding or a check. If the word is missing or not one of these, the status is
 * unknown: it never counts as compliant. */
enum verdict_status {
    STATUS_UNKNOWN,
    STATUS_COMPLIANT,
    STATUS_NON_COMPLIANT,
    STATUS_EXEMPT,
    STATUS_PENDING,
    STATUS_GONE,
    STATUS_RESOLVED, /* notified once, after the problem was notified before */
    STATUS_SKIPPED   /* the check does not apply, so there is no finding */
};
const char *verdict_status_name(enum verdict_status status);
enum verdict_status verdict_status_parse(const char *name); /* NULL: unknown */
enum verdict_status verdict_status(const json_t *finding);
void verdict_set_status(json_t *finding, enum verdict_status status);

/* "remediation" of a finding; none if it is missing. */
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

/* Result of the fix of a check in an outcome ("fix"). */
enum verdict_fix {
    FIX_UNASKED, /* the outcome has no "fix" */
    FIX_NONE,
    FIX_STEPS,
    FIX_COVERED, /* the steps of another check suffice */
    FIX_WAITS,   /* for earlier steps: decided at the fresh read */
    FIX_HELD,
    FIX_FAILED
};
enum verdict_fix verdict_fix(const json_t *entry);

/* "state" of an outcome: could the resource be read? NULL, or an outcome without it, is
 * STATE_NONE. */
enum verdict_state { STATE_NONE, STATE_OK, STATE_GONE, STATE_LATER };
enum verdict_state verdict_state(const json_t *outcome);

/* "baseline" of a finding: its mark in comparison with an earlier report (--baseline); MARK_NONE if
 * it is missing. */
enum verdict_mark { MARK_NONE, MARK_NEW, MARK_UNCHANGED, MARK_RESOLVED, MARK_COUNT };
const char *verdict_mark_name(enum verdict_mark mark); /* "" for MARK_NONE */
enum verdict_mark verdict_mark(const json_t *finding);
void verdict_set_mark(json_t *finding, enum verdict_mark mark);

#define SEVERITY_OTHER 4
/* 0 critical … 3 low; SEVERITY_OTHER for any other text. */
int severity_rank(const char *severity);

#endif
