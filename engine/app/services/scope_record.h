/* The record of a run's scope: what was asked for, by whom, with which rules and settings, and what
 * was looked at. It makes a report evidence. Serves change_run; calls scope, exceptions and run.
 *
 * {"scope":1, "engine":{"version","commit" (where it is known)},
 *  "command":"scan", "mode":"audit"|"plan"|"change", "began", "ended" (not in a recorded or
 * replayed run, whose clock stands still), "caller":{"account","arn"} or null, "asked": as
 * scope_asked, with "lines":true where resource lines are the input, or "plan":SHA-256,
 *  "listed":{"places","listed","not_listed","accounts":[…],"regions":[…],"types":[…]} (of a scan),
 *  "audited":{"accounts":[…],"regions":[…],"types":[…]}, "types_off":[…] (by --types),
 *  "checks_off":[{"by","checks":[…]}…], "settings": as scope_settings, "names_set":[…],
 *  "exceptions": as exceptions_scope, with "file"; or null,
 *  "policies":{"sha256","types":{…}}, "compliance", "baseline" (their names, where they are given)}
 * The report adds "results" and "complete". */
#ifndef APP_SERVICES_SCOPE_RECORD_H
#define APP_SERVICES_SCOPE_RECORD_H

#include <jansson.h>

#include <stdbool.h>

#include "app/services/change_run.h"

/* Call it when the run has ended. `all`: every resource was audited. New. */
json_t *scope_record(const struct change_run *change_run, bool all);

/* Who makes a plan or a change, and with what: {"engine","commit","policies" (SHA-256),"caller"
 * (its ARN, as soon as it is known)}. Owned by the services. A command without trust asks for the
 * caller then, once. */
const json_t *scope_made_by(struct services *services);
/* Of these, the SHA-256 of the policies; NULL: none are loaded. */
const char *scope_policies(struct services *services);

#endif
