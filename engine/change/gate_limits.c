/* What the operator's limits let through: of this run, and of all runs together. */
#include <string.h>

#include "base/mem.h"
#include "change/gate_internal.h"
#include "policy/finding.h"
#include "state/state_limits.h"
#include "value/json.h"

static const char *why_irreversible(const json_t *steps)
{
    size_t i;
    json_t *step;
    json_array_foreach (steps, i, step) {
        const char *why = json_get_string(step, "irreversible", NULL);
        if (why != NULL)
            return why;
    }
    return NULL;
}

/* Held by the operator's limits? Then it is settled, and true. */
bool repair_beyond_limits(struct repair *repair)
{
    const struct settings *settings = repair->gate->context->settings;
    const json_t *steps = json_object_get(repair->finding, "steps");
    const char *irreversible = why_irreversible(steps);
    char *why = NULL;
    if (settings->hold_irreversible && irreversible != NULL)
        why = mem_printf("cannot be undone: %s (--hold-irreversible=false makes it)", irreversible);
    else if (settings->max_changes >= 0 &&
             repair->gate->changes + (int)json_array_size(steps) > settings->max_changes)
        why = mem_printf("the change limit of this run (%d) is reached", settings->max_changes);
    if (why == NULL)
        return false;
    repair_hold(repair, why);
    mem_free(why);
    return true;
}

/* ---- of all runs together ---- */

static void on_permit(void *arg, const char *why)
{
    struct repair *repair = arg;
    if (why == NULL) {
        repair_read_fresh(repair);
        return;
    }
    repair->granted = NULL;
    repair_hold(repair, why);
}

void repair_permit(struct repair *repair)
{
    struct state_table *table = repair->gate->context->state;
    size_t steps = json_array_size(json_object_get(repair->finding, "steps"));
    if (table == NULL)
        repair_read_fresh(repair);
    else
        repair->granted = state_permit_ask(table, repair->resource, repair->policy->global,
                                           repair->read.check, steps, on_permit, repair);
}

void repair_permit_end(struct repair *repair)
{
    struct state_permit *permit = repair->granted;
    size_t sent = repair->begun ? (size_t)repair->run.sent : 0;
    repair->granted = NULL;
    repair->begun = false;
    if (permit != NULL)
        state_permit_end(permit, sent,
                         strcmp(finding_get(repair->finding, "remediation"), "fixed") == 0);
}
