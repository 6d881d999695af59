#include "change/repair.h"

#include "change/gate_refusal.h"
#include "policy/finding.h"
#include "policy/verdict.h"
#include "value/json.h"

void repair_settle(struct repair *repair, enum verdict_remediation remediation)
{
    verdict_set_remediation(repair->finding, remediation);
    json_object_del(repair->finding, "waits");
    repair->at++;
    repair->advance(repair);
}

void repair_settle_as(struct repair *repair, enum verdict_status status,
                      enum verdict_remediation remediation)
{
    verdict_set_status(repair->finding, status);
    repair_settle(repair, remediation);
}

void repair_settle_over(struct repair *repair, enum verdict_status status)
{
    finding_set(repair->finding, "summary",
                status == STATUS_GONE ? "the resource no longer exists"
                                      : "the check passes by now: no call was needed");
    json_object_del(repair->finding, "evidence");
    json_object_del(repair->finding, "steps");
    repair_settle_as(repair, status, REMEDIATION_NONE);
}

void repair_hold(struct repair *repair, const char *why)
{
    finding_set(repair->finding, "held", why);
    repair_settle(repair, REMEDIATION_HELD);
}

void repair_release(struct repair *repair)
{
    repair->gate->changes -= repair->reserved - repair->run.sent;
    repair->reserved = 0;
}

void repair_unread(struct repair *repair, const json_t *entry, const struct err *err)
{
    if (err != NULL)
        finding_set_error(repair->finding, err);
    else
        json_object_set(repair->finding, "error", json_object_get(entry, "error"));
    finding_set(repair->finding, "held",
                "the state could not be read again before the change, so nothing was changed");
    repair_settle_as(repair, STATUS_UNKNOWN, REMEDIATION_HELD);
}

void repair_put_off(struct repair *repair, const json_t *outcome)
{
    json_t *delay =
        verdict_state(outcome) == STATE_LATER ? json_object_get(outcome, "delay") : NULL;
    if (json_is_integer(delay))
        json_object_set(repair->finding, "later", delay);
    repair_settle_as(repair, STATUS_PENDING, REMEDIATION_PLANNED);
}

void repair_fail(struct repair *repair)
{
    finding_set_error(repair->finding, &repair->failure);
    repair_settle(repair, REMEDIATION_FAILED);
}

bool repair_settle_refused(struct repair *repair, const struct err *err)
{
    bool busy = gate_refused_as_busy(err);
    const char *why = gate_refusal_holds(err);
    if (!busy && why == NULL)
        return false;
    gate_end(repair->gate, repair->resource, repair->fix_id, JOURNAL_FAILED, NULL);
    finding_set_error(repair->finding, err);
    if (busy)
        repair_put_off(repair, NULL);
    else
        repair_hold(repair, why);
    return true;
}
