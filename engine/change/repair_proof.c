#include "change/repair_proof.h"

#include <string.h>

#include "base/mem.h"
#include "change/gate_states.h"
#include "policy/finding.h"
#include "policy/verdict.h"
#include "value/json.h"

/* ---- after the steps: read back until compliant ---- */

char *repair_evidence(const json_t *entry)
{
    const json_t *evidence = json_object_get(entry, "evidence");
    return evidence != NULL ? json_text_canonical(evidence) : mem_strdup("");
}

static bool as_before(const struct repair *repair, const json_t *entry)
{
    char *now = repair_evidence(entry);
    bool equal = repair->evidence != NULL && strcmp(now, repair->evidence) == 0;
    mem_free(now);
    return equal;
}

/* The time for reading back is over, and the check does not pass. If the evidence is unchanged, or
 * the resource is still in transition, it is audited again later. */
static void settle_unproven(struct repair *repair, const json_t *outcome, const json_t *entry,
                            const struct err *err)
{
    enum verdict_status status = verdict_status(entry);
    if (verdict_state(outcome) == STATE_LATER ||
        (status == STATUS_NON_COMPLIANT && as_before(repair, entry))) {
        repair_put_off(repair, outcome);
        return;
    }
    const char *error =
        json_get_string(json_object_get(entry, "error"), "message", "it could not be audited");
    char *why = gate_with_reason(json_get_string(entry, "summary", error), outcome);
    if (err == NULL)
        err_set(&repair->failure, ERR_POLICY,
                "the steps were made, but the check still does not pass: %s", why);
    else
        repair->failure = *err;
    mem_free(why);
    finding_set_error(repair->finding, &repair->failure);
    if (status == STATUS_UNKNOWN)
        verdict_set_status(repair->finding, status);
    repair_settle(repair, REMEDIATION_FAILED);
}

/* The finding names the calls that were made, and no others. */
static void settle_gone_midway(struct repair *repair)
{
    size_t made = repair->run.at;
    json_t *steps = json_copy(json_object_get(repair->finding, "steps"));
    char *summary = mem_printf("the resource no longer exists; %zu of the %zu calls %s made before",
                               made, json_array_size(steps), made == 1 ? "was" : "were");
    finding_set(repair->finding, "summary", summary);
    mem_free(summary);
    while (json_array_size(steps) > made)
        json_array_remove(steps, made);
    json_object_set_new(repair->finding, "steps", steps);
    json_object_del(repair->finding, "evidence");
    repair_settle_as(repair, STATUS_GONE, REMEDIATION_NONE);
}

/* A resource that vanished before its first call was made needs none: that was no repair. */
static void fail_unless_gone(struct repair *repair, const json_t *outcome)
{
    if (verdict_state(outcome) != STATE_GONE) {
        repair_fail(repair);
    } else if (repair->run.at > 0) {
        settle_gone_midway(repair);
    } else {
        json_object_set_new(repair->finding, "unmade", json_true());
        repair_settle_over(repair, STATUS_GONE);
    }
}

static bool is_repaired(const json_t *outcome, const json_t *entry)
{
    enum verdict_status status = verdict_status(entry);
    return status == STATUS_COMPLIANT || status == STATUS_SKIPPED ||
           verdict_state(outcome) == STATE_GONE;
}

static void on_read_back(void *arg, const json_t *outcome, const json_t *entry,
                         const struct err *err)
{
    struct repair *repair = arg;
    if (repair->failure.kind != ERR_NONE) {
        gate_end(repair->gate, repair->resource, repair->fix_id, JOURNAL_FAILED, outcome);
        fail_unless_gone(repair, outcome);
    } else if (is_repaired(outcome, entry)) {
        gate_end(repair->gate, repair->resource, repair->fix_id, JOURNAL_FIXED, outcome);
        repair_settle(repair, REMEDIATION_FIXED);
    } else if (!gate_read_again(&repair->read)) {
        gate_end(repair->gate, repair->resource, repair->fix_id, JOURNAL_PENDING, outcome);
        settle_unproven(repair, outcome, entry, err);
    }
}

static void read_back(struct repair *repair,
                      void (*done)(void *arg, const json_t *outcome, const json_t *entry,
                                   const struct err *err))
{
    repair->read.want_fixes = false;
    repair->read.parts = repair->parts;
    repair->read.done = done;
    gate_read_window(&repair->read);
    gate_read_start(&repair->read);
}

void repair_prove(struct repair *repair)
{
    read_back(repair, on_read_back);
}

/* ---- after a step that may have been made: it is not sent again ---- */

/* The state is the one after the step, so the step was made. */
static bool shows_step(const struct repair *repair, const json_t *outcome)
{
    return gate_same_state(repair->parts, gate_state_found(outcome),
                           step_run_expected(&repair->run));
}

static void go_on(struct repair *repair)
{
    repair->failure.kind = ERR_NONE;
    step_run_resume(&repair->run);
}

/* Nothing shows that the step was made, and nothing shows that it will never be. */
static void settle_doubt(struct repair *repair, const json_t *outcome)
{
    repair_release(repair);
    gate_end(repair->gate, repair->resource, repair->fix_id, JOURNAL_FAILED, outcome);
    err_prefix(&repair->failure, "the call got no response, and its effect is not visible");
    repair_fail(repair);
}

static void on_doubt(void *arg, const json_t *outcome, const json_t *entry, const struct err *err)
{
    struct repair *repair = arg;
    (void)err;
    if (shows_step(repair, outcome)) {
        go_on(repair);
    } else if (is_repaired(outcome, entry)) {
        repair_release(repair);
        gate_end(repair->gate, repair->resource, repair->fix_id, JOURNAL_FIXED, outcome);
        repair_settle(repair, REMEDIATION_FIXED);
    } else if (!gate_read_again(&repair->read)) {
        settle_doubt(repair, outcome);
    }
}

void repair_doubt(struct repair *repair)
{
    read_back(repair, on_doubt);
}

/* ---- a finding that the steps of another fix should repair ---- */

/* The finding whose steps should suffice still waits for their effect. */
static bool cover_is_pending(const struct repair *repair)
{
    size_t i;
    json_t *finding;
    const char *cover = finding_get(repair->finding, "covered_by");
    json_array_foreach (repair->findings, i, finding) {
        if (strcmp(finding_get(finding, "check"), cover) == 0)
            return verdict_status(finding) == STATUS_PENDING;
    }
    return false;
}

static void on_covered(void *arg, const json_t *outcome, const json_t *entry, const struct err *err)
{
    struct repair *repair = arg;
    enum verdict_status status = verdict_status(entry);
    bool waits = status == STATUS_NON_COMPLIANT && cover_is_pending(repair);
    if (verdict_state(outcome) == STATE_GONE)
        repair_settle_over(repair, STATUS_GONE);
    else if (verdict_state(outcome) == STATE_LATER || waits)
        repair_put_off(repair, outcome);
    else if (err != NULL || status == STATUS_UNKNOWN)
        repair_unread(repair, entry, err);
    else if (status == STATUS_NON_COMPLIANT)
        repair_hold(repair,
                    "it would be repaired together with another check, whose repair was not made");
    else
        repair_settle(repair, REMEDIATION_FIXED);
}

void repair_prove_covered(struct repair *repair)
{
    repair->read.want_fixes = false;
    repair->read.parts = NULL;
    repair->read.done = on_covered;
    gate_read_start(&repair->read);
}
