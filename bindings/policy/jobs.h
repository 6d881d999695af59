/* The evaluator's jobs: audit, discover, event rules, spellings of ids. prelude.lua does their
 * work; this file starts them and reports their outcome. Serves evaluator, with the signatures of
 * its table: `self` is not used. */
#ifndef BINDINGS_POLICY_JOBS_H
#define BINDINGS_POLICY_JOBS_H

#include "policy/evaluator.h"

struct evaluation *jobs_audit(void *self, const struct policy *policy,
                              const struct resource *resource, const struct scope *scope,
                              const struct audit_options *options, evaluator_audited done,
                              void *arg);
struct evaluation *jobs_discover(void *self, const struct policy *policy, const struct scope *scope,
                                 evaluator_found found, evaluator_done done, void *arg);
json_t *jobs_event_ids(void *self, const struct policy *policy, const char *event,
                       const json_t *detail, const json_t *settings, struct err *err);
json_t *jobs_canonical_ids(void *self, const struct policy *policy, const json_t *line,
                           const json_t *ids, struct err *err);
char *jobs_arn(void *self, const struct policy *policy, const json_t *line, struct err *err);

#endif
