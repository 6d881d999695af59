#include "change/repair_limits.h"

#include <string.h>

#include "base/mem.h"
#include "change/admission.h"
#include "policy/finding.h"
#include "policy/verdict.h"
#include "state/state_limits.h"
#include "value/json.h"

bool repair_hold_if_not_admitted(struct repair *repair)
{
    const struct admission *admission = repair->gate->context->admission;
    if (admission == NULL)
        return false;
    const char *check = repair->read.check;
    char *why =
        admission_refusal(admission, repair->policy, check,
                          finding_check_meta(repair->policy, check), repair->resource->account);
    if (why == NULL)
        return false;
    repair_hold(repair, why);
    mem_free(why);
    return true;
}

bool repair_hold_if_exempt(struct repair *repair, const json_t *outcome)
{
    struct exceptions *exceptions = repair->gate->context->exceptions;
    const struct exceptions_subject subject = {.policy = repair->policy,
                                               .resource = repair->resource,
                                               .check = repair->read.check,
                                               .tags = json_object_get(outcome, "tags"),
                                               .region = json_get_string(outcome, "region", NULL),
                                               .arn = json_get_string(outcome, "arn", NULL)};
    const json_t *rule = exceptions_match(exceptions, &subject);
    if (rule == NULL && exceptions_doubt(exceptions, &subject) == NULL)
        return false;
    if (rule == NULL) {
        repair_hold(
            repair,
            "an exception depends on tags or a region, and those of this resource are not known");
    } else {
        gate_exempt(repair->finding, rule);
        repair_settle(repair, REMEDIATION_HELD);
    }
    return true;
}

/* ---- of this run ---- */

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

bool repair_hold_if_beyond_limits(struct repair *repair)
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

static void on_permit(void *arg, const char *why, const struct err *err)
{
    struct repair *repair = arg;
    if (why == NULL) {
        repair->proceed(repair);
        return;
    }
    repair->granted = NULL;
    if (err != NULL)
        finding_set_error(repair->finding, err);
    repair_hold(repair, why);
}

void repair_permit(struct repair *repair)
{
    struct state_table *table = repair->gate->context->state;
    size_t steps = json_array_size(json_object_get(repair->finding, "steps"));
    if (table == NULL)
        repair->proceed(repair);
    else
        repair->granted = state_permit_ask(table, repair->resource, repair->policy->global,
                                           repair->finding, steps, on_permit, repair);
}

void repair_permit_end(struct repair *repair)
{
    struct state_permit *permit = repair->granted;
    size_t sent = repair->started ? (size_t)repair->run.sent : 0;
    repair->granted = NULL;
    repair->started = false;
    if (permit != NULL && sent == 0)
        json_object_set_new(repair->finding, "unmade", json_true());
    if (permit != NULL)
        state_permit_end(permit, sent, verdict_remediation(repair->finding) == REMEDIATION_FIXED);
}
