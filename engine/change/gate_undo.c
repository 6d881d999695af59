/* Undoes a fix: finds the current state among those that the journal describes, and makes the
 * inverse calls from there on. */
#include "change/gate_undo.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "change/gate_inverse.h"
#include "change/gate_read.h"
#include "change/gate_refusal.h"
#include "change/gate_states.h"
#include "change/gate_steps.h"
#include "policy/verdict.h"
#include "value/json.h"

#define FIRST_PAUSE_MS 500
#define LONGEST_PAUSE_MS 8000

struct undo {
    struct gate *gate;
    const struct policy *policy;
    const struct resource *resource;
    const json_t *fix;
    gate_undone done;
    void *arg;
    struct gate_history history;
    int64_t ready_ms;  /* until then wait for a resource that is not ready, monotonic */
    int64_t called_ms; /* until then the last call may still take effect */
    int64_t busy_ms;   /* until then retry a call that is refused because of another change */
    int64_t pause_ms;  /* before the next retry */
    size_t kept;       /* steps that stay, because the last of them cannot be undone */
    const char *why;   /* the reason why it cannot */
    struct gate_read read;
    struct step_run run;
    json_t *inverse; /* steps, in the order to make them */
    char fix_id[37];
    struct err failure;
};

static void finish(struct undo *undo, enum journal_result result, const char *why)
{
    json_t *line =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "account", undo->resource->account, "region",
                  undo->resource->region, "type", undo->resource->type, "id", undo->resource->id,
                  "check", undo->read.check, "result", journal_result_name(result));
    if (why != NULL)
        json_object_set_new(line, "why", json_string(why));
    gate_undone done = undo->done;
    void *arg = undo->arg;
    gate_history_clear(&undo->history);
    json_decref(undo->inverse);
    mem_free(undo);
    done(arg, line);
}

static void hold(struct undo *undo, char *why)
{
    finish(undo, JOURNAL_HELD, why);
    mem_free(why);
}

static void hold_irreversible(struct undo *undo, const char *why)
{
    hold(undo, mem_printf("cannot be undone: %s", why));
}

/* ---- the result ---- */

static void mark_undone(const struct undo *undo)
{
    struct err err = {0};
    const struct log_subject subject = resource_subject(undo->resource);
    json_t *line =
        json_pack("{s:s, s:s}", "fix", json_get_string(undo->fix, "fix", ""), "state", "undone");
    if (journal_write(undo->gate->journal, line, &err) != 0)
        log_about(LOG_ERROR, &subject, "%s", err.message);
}

/* The intended earlier state is reached. */
static void finish_proven(struct undo *undo, const json_t *outcome)
{
    undo->gate->changes += undo->run.sent;
    gate_end(undo->gate, undo->resource, undo->fix_id,
             undo->kept == 0 ? JOURNAL_UNDONE : JOURNAL_HELD, outcome);
    if (undo->kept == 0) {
        mark_undone(undo);
        finish(undo, JOURNAL_UNDONE, NULL);
    } else {
        hold(undo,
             mem_printf("undone except for the first %zu of %zu calls, which cannot be undone: %s",
                        undo->kept, undo->history.made, undo->why));
    }
}

static void finish_failed(struct undo *undo, const char *why, const json_t *outcome)
{
    undo->gate->changes += undo->run.sent;
    gate_end(undo->gate, undo->resource, undo->fix_id, JOURNAL_FAILED, outcome);
    finish(undo, JOURNAL_FAILED, why);
}

static void finish_elsewhere(struct undo *undo, const json_t *outcome)
{
    const json_t *found = gate_state_found(outcome);
    char *parts = gate_history_differing(&undo->history, found,
                                         gate_history_state(&undo->history, undo->kept));
    char *what = mem_printf("the inverse calls were made, but the state is not the one from before "
                            "the fix%s%s",
                            found != NULL ? "; different: " : "", found != NULL ? parts : "");
    char *why = gate_with_reason(what, outcome);
    finish_failed(undo, why, outcome);
    mem_free(parts);
    mem_free(what);
    mem_free(why);
}

static bool is_back(const struct undo *undo, const json_t *outcome)
{
    return gate_history_is(&undo->history, gate_state_found(outcome),
                           gate_history_state(&undo->history, undo->kept));
}

static void on_read_back(void *arg, const json_t *outcome, const json_t *entry,
                         const struct err *err)
{
    struct undo *undo = arg;
    (void)entry;
    if (is_back(undo, outcome))
        finish_proven(undo, outcome);
    else if (undo->failure.kind != ERR_NONE)
        finish_failed(undo, undo->failure.message, outcome);
    else if (gate_read_again(&undo->read))
        return;
    else if (err != NULL)
        finish_failed(undo, err->message, outcome);
    else
        finish_elsewhere(undo, outcome);
}

/* The call may have been made: it is not sent again. */
static void on_doubt(void *arg, const json_t *outcome, const json_t *entry, const struct err *err)
{
    struct undo *undo = arg;
    (void)entry, (void)err;
    if (gate_history_is(&undo->history, gate_state_found(outcome), step_run_expected(&undo->run))) {
        undo->failure.kind = ERR_NONE;
        step_run_resume(&undo->run);
    } else if (is_back(undo, outcome)) {
        finish_proven(undo, outcome);
    } else if (!gate_read_again(&undo->read)) {
        finish_failed(undo, undo->failure.message, outcome);
    }
}

static void try_again(void *arg)
{
    struct undo *undo = arg;
    undo->failure.kind = ERR_NONE;
    step_run_retry(&undo->run);
}

/* AWS accepts no call while the change to be undone is still in progress (an instance that is
 * stopping cannot be started). Returns true if there is time to wait for its end. */
static bool wait_for_end(struct undo *undo, const struct err *err)
{
    int64_t left = undo->busy_ms - clock_mono_ms();
    if (undo->run.unsure || !gate_refused_as_busy(err) || left <= 0)
        return false;
    loop_after(undo->gate->context->loop, undo->pause_ms < left ? undo->pause_ms : left, try_again,
               undo);
    undo->pause_ms = undo->pause_ms * 2 < LONGEST_PAUSE_MS ? undo->pause_ms * 2 : LONGEST_PAUSE_MS;
    return true;
}

static void on_steps(void *arg, const struct err *err)
{
    struct undo *undo = arg;
    if (err != NULL && wait_for_end(undo, err))
        return;
    if (err != NULL)
        undo->failure = *err;
    if (err != NULL && undo->run.sent == 0) {
        finish_failed(undo, undo->failure.message, NULL);
        return;
    }
    undo->read.done = undo->run.unsure ? on_doubt : on_read_back;
    gate_read_window(&undo->read);
    gate_read_start(&undo->read);
}

/* ---- the inverse calls ---- */

static void make_steps(struct undo *undo, const json_t *found)
{
    struct gate *gate = undo->gate;
    undo->run = (struct step_run){.client = gate->context->client,
                                  .journal = gate->journal,
                                  .resource = undo->resource,
                                  .fix = undo->fix_id,
                                  .steps = undo->inverse,
                                  .done = on_steps,
                                  .arg = undo};
    if (gate_session(gate, undo->policy, undo->resource, &undo->run.session, &undo->failure) != 0 ||
        gate_begin(gate, undo->resource, undo->read.check, found,
                   json_get_string(undo->fix, "fix", ""), undo->fix_id, &undo->failure) != 0) {
        finish(undo, JOURNAL_FAILED, undo->failure.message);
        return;
    }
    undo->busy_ms = clock_mono_ms() + (int64_t)gate->context->settings->verify_s * 1000;
    undo->pause_ms = FIRST_PAUSE_MS;
    step_run_start(&undo->run);
}

/* Collects the inverse of each step that was made, newest first; returns the reason (mem_free) if
 * one must not be called. */
static char *collect_inverse(const struct undo *undo, size_t made)
{
    const json_t *steps = json_object_get(undo->fix, "steps");
    for (size_t i = made; i-- > undo->kept;) {
        const json_t *step = json_array_get(steps, i);
        char *why = gate_inverse_refusal(undo->policy, undo->resource, step);
        if (why != NULL)
            return why;
        json_t *inverse = json_copy(json_object_get(step, "undo"));
        json_object_set(inverse, "expected",
                        (json_t *)(uintptr_t)gate_history_state(&undo->history, i));
        json_array_append_new(undo->inverse, inverse);
    }
    return NULL;
}

/* The calls of a fix may have succeeded without a visible effect when the fix ended; they may
 * still take effect. */
static void settle_as_before(struct undo *undo)
{
    if (journal_result(undo->fix) == JOURNAL_PENDING &&
        json_object_get(undo->fix, "inverse") == NULL) {
        finish(undo, JOURNAL_HELD,
               "the calls of the fix succeeded, but their effect is not visible yet: undo the fix "
               "when it is");
        return;
    }
    mark_undone(undo);
    finish(undo, JOURNAL_UNDONE, "the state is the one from before the fix: no call was needed");
}

static void take_back(struct undo *undo, size_t made, const json_t *found)
{
    if (made == 0) {
        settle_as_before(undo);
        return;
    }
    undo->kept = gate_history_bound(&undo->history, made, &undo->why);
    if (undo->kept == made) {
        hold_irreversible(undo, undo->why);
        return;
    }
    char *why = collect_inverse(undo, made);
    if (why != NULL)
        hold(undo, why);
    else
        make_steps(undo, found);
}

/* ---- the state that is found ---- */

static bool wait_until(struct undo *undo, int64_t deadline_ms)
{
    undo->read.deadline = deadline_ms;
    return gate_read_again(&undo->read);
}

static void hold_unknown_state(struct undo *undo, const char *what)
{
    const char *why;
    if (gate_history_bound(&undo->history, undo->history.made, &why) == undo->history.made)
        hold_irreversible(undo, why);
    else
        finish(undo, JOURNAL_HELD, what);
}

static void hold_drifted(struct undo *undo, const json_t *found)
{
    size_t made = undo->history.made;
    bool known = gate_history_state(&undo->history, made) != NULL;
    char *parts = gate_history_differing(&undo->history, found, NULL);
    char *what = mem_printf("%s: %s",
                            known ? "drift: the state is neither the one from before the fix nor "
                                    "one that its calls lead to; changed since then"
                                  : "the state is not the one from before the fix, and the policy "
                                    "does not say which state its calls lead to; different",
                            parts);
    hold_unknown_state(undo, what);
    mem_free(what);
    mem_free(parts);
}

/* An unknown state may be a transition to a known one. All resources that are in such a state when
 * undo starts get the same time to settle. */
static void on_unknown_state(struct undo *undo, const json_t *found)
{
    int64_t until = undo->called_ms > undo->gate->drift_ms ? undo->called_ms : undo->gate->drift_ms;
    if (!wait_until(undo, until))
        hold_drifted(undo, found);
}

static void on_state(struct undo *undo, const json_t *found)
{
    int made = gate_history_find(&undo->history, found);
    bool seen = undo->history.called_ms == 0 ||
                gate_history_is(&undo->history, found, undo->history.awaited);
    if (made < 0)
        on_unknown_state(undo, found);
    else if (seen || !wait_until(undo, undo->called_ms))
        take_back(undo, (size_t)made, found);
}

/* Only the part that could not be read would show which steps were made. */
static void hold_unread(struct undo *undo, const json_t *outcome)
{
    const json_t *first = json_array_get(json_object_get(outcome, "unread"), 0);
    const json_t *error = json_object_get(first, "error");
    hold(undo, mem_printf("the part %s of the state cannot be read: %s",
                          json_get_string(first, "part", "?"),
                          json_get_string(error, "message", "no reason given")));
}

static void on_later(struct undo *undo)
{
    if (!wait_until(undo, undo->ready_ms))
        finish(undo, JOURNAL_HELD, "the resource is not ready yet");
}

static void on_read(void *arg, const json_t *outcome, const json_t *entry, const struct err *err)
{
    struct undo *undo = arg;
    (void)entry;
    if (err != NULL)
        finish(undo, JOURNAL_HELD, err->message);
    else if (verdict_state(outcome) == STATE_GONE)
        hold_unknown_state(undo, "the resource is gone");
    else if (verdict_state(outcome) == STATE_LATER)
        on_later(undo);
    else if (gate_state_found(outcome) == NULL)
        hold_unread(undo, outcome);
    else
        on_state(undo, gate_state_found(outcome));
}

/* ---- start ---- */

static void set_times(struct undo *undo)
{
    int64_t now = clock_mono_ms();
    int64_t window = (int64_t)undo->gate->context->settings->verify_s * 1000;
    int64_t left = undo->history.called_ms + window - clock_wall_ms();
    undo->ready_ms = now + window;
    if (undo->gate->drift_ms == 0)
        undo->gate->drift_ms = now + window;
    undo->called_ms = undo->history.called_ms == 0 ? 0 : now + (left < window ? left : window);
}

static void report_unreadable(void *arg)
{
    finish(arg, JOURNAL_HELD,
           "the journal does not say in which state the fix was made (an older engine wrote it)");
}

void gate_undo(struct gate *gate, const struct policy *policy, const struct resource *resource,
               const json_t *fix, gate_undone done, void *arg)
{
    struct undo *undo = mem_alloc(sizeof *undo);
    undo->gate = gate;
    undo->policy = policy;
    undo->resource = resource;
    undo->fix = fix;
    undo->done = done;
    undo->arg = arg;
    undo->inverse = json_array();
    bool legible = gate_history_init(&undo->history, fix, json_object_get(policy->meta, "reads"));
    undo->read = (struct gate_read){.gate = gate,
                                    .policy = policy,
                                    .resource = resource,
                                    .check = json_get_string(fix, "check", ""),
                                    .parts = undo->history.parts,
                                    .done = on_read,
                                    .arg = undo};
    if (!legible) {
        loop_defer(gate->context->loop, report_unreadable, undo);
        return;
    }
    gate_read_window(&undo->read);
    set_times(undo);
    gate_read_start(&undo->read);
}
