#include "change/gate_repair.h"

#include <string.h>

#include "base/mem.h"
#include "change/gate_refusal.h"
#include "change/gate_states.h"
#include "change/repair.h"
#include "change/repair_limits.h"
#include "change/repair_proof.h"
#include "change/steps_check.h"
#include "policy/finding.h"
#include "policy/verdict.h"
#include "value/json.h"

static void on_steps(void *arg, const struct err *err)
{
    struct repair *repair = arg;
    if (err != NULL)
        repair->failure = *err;
    if (err != NULL && repair->run.unsure) {
        repair_doubt(repair);
        return;
    }
    repair_release(repair);
    if (err != NULL && repair->run.at == 0 && repair_settle_refused(repair, err))
        return;
    if (err != NULL && repair->run.sent == 0) {
        gate_end(repair->gate, repair->resource, repair->fix_id, JOURNAL_FAILED, NULL);
        repair_fail(repair);
        return;
    }
    repair_prove(repair);
}

/* ---- the steps ---- */

static void make_steps(struct repair *repair, const json_t *before)
{
    struct gate *gate = repair->gate;
    repair->failure.kind = ERR_NONE;
    repair->run = (struct step_run){.client = gate->context->client,
                                    .journal = gate->journal,
                                    .resource = repair->resource,
                                    .fix = repair->fix_id,
                                    .steps = repair->steps,
                                    .done = on_steps,
                                    .arg = repair};
    if (gate_session(gate, repair->policy, repair->resource, &repair->run.session,
                     &repair->failure) != 0 ||
        gate_begin(gate, repair->resource, repair->read.check, before, NULL, repair->fix_id,
                   &repair->failure) != 0) {
        repair_fail(repair);
        return;
    }
    /* Counted before they are sent, because other resources are being repaired at the same time. */
    repair->reserved = (int)json_array_size(repair->run.steps);
    gate->changes += repair->reserved;
    repair->started = true;
    step_run_start(&repair->run);
}

static bool same_steps(const json_t *planned, const json_t *fresh)
{
    json_t *plain = gate_plain_steps(fresh);
    char *a = json_text_canonical(planned);
    char *b = json_text_canonical(plain);
    bool same = strcmp(a, b) == 0;
    json_decref(plain);
    mem_free(a);
    mem_free(b);
    return same;
}

/* ---- the fresh read before the steps ---- */

static void forget_fresh(struct repair *repair)
{
    mem_free(repair->evidence);
    json_decref(repair->steps);
    json_decref(repair->parts);
    repair->evidence = NULL;
    repair->steps = repair->parts = NULL;
}

/* The read took so long that no change may be started now: the finding stays planned. */
static bool leave_if_late(struct repair *repair)
{
    if (!context_is_late(repair->gate->context))
        return false;
    repair->at++;
    repair->advance(repair);
    return true;
}

static void keep_fresh(struct repair *repair, const json_t *outcome, const json_t *entry)
{
    forget_fresh(repair);
    repair->evidence = repair_evidence(entry);
    repair->steps = json_incref(json_object_get(entry, "steps"));
    repair->parts = gate_parts(json_object_get(outcome, "digests"), repair->steps);
}

/* The steps had no effect in AWS: they failed, or were refused for good. */
static bool was_not_made(const json_t *finding)
{
    enum verdict_remediation remediation = verdict_remediation(finding);
    return remediation == REMEDIATION_FAILED ||
           (remediation == REMEDIATION_HELD && json_object_get(finding, "error") != NULL);
}

/* An earlier finding whose planned steps were not made, or NULL. Later steps were planned to build
 * on them. */
static const json_t *unmade_before(const struct repair *repair)
{
    for (size_t i = 0; i < repair->at; i++) {
        const json_t *finding = json_array_get(repair->findings, i);
        if (was_not_made(finding))
            return finding;
    }
    return NULL;
}

static void hold_other_steps(struct repair *repair)
{
    const json_t *before = unmade_before(repair);
    char *why =
        before != NULL
            ? mem_printf("planned to follow the repair of %s, which %s",
                         finding_get(before, "check"),
                         json_object_get(before, "held") != NULL ? "was held" : "failed")
            : mem_strdup("drift: the fix would now make calls that differ from the planned ones");
    repair_hold(repair, why);
    mem_free(why);
}

static void on_fresh_steps(struct repair *repair, const json_t *outcome, const json_t *entry)
{
    const json_t *fresh = json_object_get(entry, "steps");
    enum verdict_fix fix = verdict_fix(entry);
    struct model_set *models = client_models(repair->gate->context->client);
    if (steps_check(models, repair->read.check, fresh, &repair->failure) != 0) {
        repair_fail(repair);
    } else if (fix == FIX_FAILED) {
        json_object_set(repair->finding, "error", json_object_get(entry, "error"));
        repair_settle(repair, REMEDIATION_FAILED);
    } else if (fix != FIX_STEPS) {
        repair_hold(repair,
                    json_get_string(entry, "held", "drift: there is nothing left to repair"));
    } else if (json_is_true(json_object_get(repair->finding, "waits"))) {
        /* Planned now, and proven by one more read like any other plan. */
        json_object_set_new(repair->finding, "steps", gate_plain_steps(fresh));
        json_object_del(repair->finding, "waits");
        repair_permit(repair);
    } else if (!same_steps(json_object_get(repair->finding, "steps"), fresh)) {
        hold_other_steps(repair);
    } else if (!repair_hold_if_exempt(repair, outcome) && !repair_hold_if_beyond_limits(repair) &&
               !leave_if_late(repair)) {
        keep_fresh(repair, outcome, entry);
        make_steps(repair, json_object_get(outcome, "digests"));
    }
}

static void on_fresh(void *arg, const json_t *outcome, const json_t *entry, const struct err *err)
{
    struct repair *repair = arg;
    enum verdict_status status = verdict_status(entry);
    if (verdict_state(outcome) == STATE_GONE)
        repair_settle_over(repair, STATUS_GONE);
    else if (verdict_state(outcome) == STATE_LATER)
        repair_put_off(repair, outcome);
    else if (err != NULL || status == STATUS_UNKNOWN)
        repair_unread(repair, entry, err);
    else if (status == STATUS_NON_COMPLIANT)
        on_fresh_steps(repair, outcome, entry);
    else
        repair_settle_over(repair, STATUS_COMPLIANT); /* fixed in the meantime */
}

static void read_fresh(struct repair *repair)
{
    repair->read.want_fixes = true;
    repair->read.parts = NULL;
    repair->read.done = on_fresh;
    gate_read_start(&repair->read);
}

static void start_finding(struct repair *repair)
{
    repair->read.check = finding_get(repair->finding, "check");
    if (repair_hold_if_not_admitted(repair))
        return;
    if (json_object_get(repair->finding, "covered_by") != NULL) {
        repair_prove_covered(repair);
    } else if (json_is_true(json_object_get(repair->finding, "waits"))) {
        read_fresh(repair);
    } else if (!repair_hold_if_beyond_limits(repair)) {
        repair_permit(repair);
    }
}

static void finish(struct repair *repair)
{
    gate_done done = repair->done;
    void *arg = repair->arg;
    forget_fresh(repair);
    mem_free(repair);
    done(arg);
}

static void next_finding(struct repair *repair)
{
    repair_permit_end(repair);
    while (repair->at < json_array_size(repair->findings)) {
        repair->finding = json_array_get(repair->findings, repair->at);
        if (verdict_remediation(repair->finding) == REMEDIATION_PLANNED &&
            !context_is_late(repair->gate->context)) {
            start_finding(repair);
            return;
        }
        repair->at++;
    }
    finish(repair);
}

void gate_repair(struct gate *gate, const struct policy *policy, const struct resource *resource,
                 json_t *findings, gate_done done, void *arg)
{
    struct repair *repair = mem_alloc(sizeof *repair);
    repair->gate = gate;
    repair->policy = policy;
    repair->resource = resource;
    repair->findings = findings;
    repair->done = done;
    repair->arg = arg;
    repair->advance = next_finding;
    repair->proceed = read_fresh;
    repair->read.gate = gate;
    repair->read.policy = policy;
    repair->read.resource = resource;
    repair->read.findings = findings;
    repair->read.arg = repair;
    next_finding(repair);
}
