#include "change/repair.h"

#include "change/gate_refusal.h"
#include "policy/finding.h"
#include "value/json.h"

void repair_settle(struct repair *repair, const char *status, const char *remediation)
{
    if (status != NULL)
        finding_set(repair->finding, "status", status);
    finding_set(repair->finding, "remediation", remediation);
    json_object_del(repair->finding, "waits");
    repair->at++;
    repair->advance(repair);
}

void repair_hold(struct repair *repair, const char *why)
{
    finding_set(repair->finding, "held", why);
    repair_settle(repair, NULL, "held");
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
    repair_settle(repair, "unknown", "held");
}

void repair_put_off(struct repair *repair, const json_t *outcome)
{
    json_t *delay = gate_is_state(outcome, "later") ? json_object_get(outcome, "delay") : NULL;
    if (json_is_integer(delay))
        json_object_set(repair->finding, "later", delay);
    repair_settle(repair, "pending", "planned");
}

void repair_fail(struct repair *repair)
{
    finding_set_error(repair->finding, &repair->failure);
    repair_settle(repair, NULL, "failed");
}

bool repair_settle_refused(struct repair *repair, const struct err *err)
{
    bool busy = gate_refused_as_busy(err);
    const char *why = gate_refusal_holds(err);
    if (!busy && why == NULL)
        return false;
    gate_end(repair->gate, repair->fix_id, "failed", NULL);
    finding_set_error(repair->finding, err);
    if (busy)
        repair_put_off(repair, NULL);
    else
        repair_hold(repair, why);
    return true;
}
