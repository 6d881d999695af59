/* The end of a problem that is not a resource's: a place that could not be listed, an account that
 * could not be entered, rules that could not be read. Part of run; serves run_lists.c and
 * run_entry.c. */
#ifndef AUDIT_RUN_RESOLVE_H
#define AUDIT_RUN_RESOLVE_H

#include <jansson.h>
#include <stdbool.h>

struct resource;
struct run;

/* Is each problem notified once, so that its end must be too? */
bool run_is_notified_once(const struct run *run);
/* Notifies that a problem is over, as this compliant finding says, if the problem was notified.
 * Takes ownership of both. */
void run_resolve(struct run *run, struct resource *target, json_t *finding);

#endif
