/* Policies that try to be cleverer than the host, each in a few words: the code around them, and
 * the results of an audit. For tests of the host. */
#ifndef SUPPORT_TRICKS_H
#define SUPPORT_TRICKS_H

#include "support/host_world.h"

struct trick {
    const char *name;
    const char *fields; /* of the policy: fetch, checks and the like */
    /* The checks in short form: "compliant, non_compliant steps, unknown: reason"; "gone", "later",
     * "failed: reason" for the whole. "~reason": a is unknown for a reason that contains this, and
     * b passes. */
    const char *expected;
};

/* What fields can call: refused(resource) makes a call that AWS refuses, answered(resource) one
 * that it answers (with the list { "a" }); pass is an audit, step() a step, check(name, audit [,
 * fields]) a check, none is lib.none. */
int tricks_set_up(void **state);

const struct policy *tricks_load(const char *fields);
/* The outcome in short; frees it. mem_free. */
char *tricks_short(json_t *outcome);
void tricks_run(const struct trick *tricks, size_t count, const struct audit_options *options);

#define TRICKS_RUN(tricks, options) tricks_run(tricks, sizeof(tricks) / sizeof *(tricks), options)

/* The error of the refused call. */
#define TRICKS_NO                                                                                  \
    "no (allow the action sqs:GetQueueAttributes to the identity that makes the call, in account " \
    "111122223333)"
/* Fields with two checks: a has this audit, of r and s; or both pass, and this is fetch. */
#define TRICKS_AUDIT(body)                                                                         \
    "fetch = function() return {} end, checks = { check('a', function(r, s)\n" body                \
    " end), check('b', pass) }"
#define TRICKS_FETCH(body)                                                                         \
    "fetch = function(r) " body " end, checks = { check('a', pass), check('b', pass) }"

#endif
