#include "change/repair_proof.h"

#include <string.h>

#include "base/mem.h"
#include "change/gate_states.h"
#include "policy/finding.h"
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

/* The time for reading back is over, and the check does not pass: what is as it was, or still on
 * its way, is looked at again later. */
static void settle_unproven(struct repair *repair, const json_t *outcome, const json_t *entry,
                            const struct err *err)
{
    const char *status = json_get_string(entry, "status", "unknown");
    if (gate_is_state(outcome, "later") ||
        (strcmp(status, "non_compliant") == 0 && as_before(repair, entry))) {
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
    repair_settle(repair, strcmp(status, "unknown") == 0 ? "unknown" : NULL, "failed");
}

/* What vanished before its change could be made needs none. */
static void fail_unless_gone(struct repair *repair, const json_t *outcome)
{
    if (gate_is_state(outcome, "gone"))
        repair_settle(repair, "gone", "none");
    else
        repair_fail(repair);
}

static bool is_repaired(const json_t *outcome, const json_t *entry)
{
    const char *status = json_get_string(entry, "status", "");
    return strcmp(status, "compliant") == 0 || strcmp(status, "skipped") == 0 ||
           gate_is_state(outcome, "gone");
}

static void on_read_back(void *arg, const json_t *outcome, const json_t *entry,
                         const struct err *err)
{
    struct repair *repair = arg;
    if (repair->failure.kind != ERR_NONE) {
        gate_end(repair->gate, repair->fix_id, "failed", outcome);
        fail_unless_gone(repair, outcome);
    } else if (is_repaired(outcome, entry)) {
        gate_end(repair->gate, repair->fix_id, "fixed", outcome);
        repair_settle(repair, NULL, "fixed");
    } else if (!gate_read_again(&repair->read)) {
        gate_end(repair->gate, repair->fix_id, "pending", outcome);
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

/* The state is the one after the step, so it was made. */
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

/* Nothing shows that it was made, and nothing that it will never be. */
static void settle_doubt(struct repair *repair, const json_t *outcome)
{
    repair_release(repair);
    gate_end(repair->gate, repair->fix_id, "failed", outcome);
    err_prefix(&repair->failure, "the call has no answer to go by, and its effect does not show");
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
        gate_end(repair->gate, repair->fix_id, "fixed", outcome);
        repair_settle(repair, NULL, "fixed");
    } else if (!gate_read_again(&repair->read)) {
        settle_doubt(repair, outcome);
    }
}

void repair_doubt(struct repair *repair)
{
    read_back(repair, on_doubt);
}

/* ---- what another fix was to repair ---- */

/* The finding whose steps were to suffice waits for its effect. */
static bool cover_is_pending(const struct repair *repair)
{
    size_t i;
    json_t *finding;
    const char *cover = finding_get(repair->finding, "covered_by");
    json_array_foreach (repair->findings, i, finding) {
        if (strcmp(finding_get(finding, "check"), cover) == 0)
            return strcmp(finding_get(finding, "status"), "pending") == 0;
    }
    return false;
}

static void on_covered(void *arg, const json_t *outcome, const json_t *entry, const struct err *err)
{
    struct repair *repair = arg;
    const char *status = json_get_string(entry, "status", "unknown");
    bool waits = strcmp(status, "non_compliant") == 0 && cover_is_pending(repair);
    if (gate_is_state(outcome, "gone"))
        repair_settle(repair, "gone", "none");
    else if (gate_is_state(outcome, "later") || waits)
        repair_put_off(repair, outcome);
    else if (err != NULL || strcmp(status, "unknown") == 0)
        repair_unread(repair, entry, err);
    else if (strcmp(status, "non_compliant") == 0)
        repair_hold(repair,
                    "it would be repaired together with another check, whose repair was not made");
    else
        repair_settle(repair, NULL, "fixed");
}

void repair_prove_covered(struct repair *repair)
{
    repair->read.want_fixes = false;
    repair->read.parts = NULL;
    repair->read.done = on_covered;
    gate_read_start(&repair->read);
}
