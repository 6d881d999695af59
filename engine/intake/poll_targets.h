/* What is listed at once: one resource type in one account and region. Serves poll, which owns the
 * targets. */
#ifndef INTAKE_POLL_TARGETS_H
#define INTAKE_POLL_TARGETS_H

#include <stddef.h>

#include "accounts/context.h"
#include "policy/evaluator.h"

struct poll_target {
    const char *account;
    const char *region;
    const struct policy *policy;
};

struct poll_target_list {
    struct poll_target *items;
    size_t count;
};

/* Both texts must outlive the list. */
void poll_targets_add(struct poll_target_list *list, const struct policy *policy,
                      const char *account, const char *region);
/* Adds what the settings and the context choose; without accounts, those of `caller`. ERR_USAGE: no
 * policy has the type. */
int poll_targets_choose(struct poll_target_list *list, const struct context *context,
                        const char *caller, struct err *err);
/* Sorts by account, region and type, and leaves out repetitions: a type or region may be named
 * twice, also by an alias. */
void poll_targets_sort(struct poll_target_list *list);
/* The scope in which the target is listed, as context_scope. */
int poll_target_scope(const struct poll_target *target, const struct context *context,
                      struct scope *scope, struct err *err);

#endif
