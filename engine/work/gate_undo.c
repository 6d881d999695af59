#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "value/json.h"
#include "work/gate_internal.h"

struct undo {
    struct gate *gate;
    const struct policy *policy;
    const struct resource *resource;
    const json_t *fix;
    gate_undone done;
    void *arg;
    struct gate_read read;
    struct step_run run;
    json_t *inverse; /* steps, in the order to make them */
    char *refusal;   /* why none can be made; told from the loop */
    char fix_id[37];
    struct err failure;
};

static void finish(struct undo *undo, const char *result, const char *why)
{
    json_t *line = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "account", undo->resource->account,
                             "region", undo->resource->region, "type", undo->resource->type, "id",
                             undo->resource->id, "check", undo->read.check, "result", result);
    if (why != NULL)
        json_object_set_new(line, "why", json_string(why));
    gate_undone done = undo->done;
    void *arg = undo->arg;
    json_decref(undo->inverse);
    mem_free(undo->refusal);
    mem_free(undo);
    done(arg, line);
}

static void finish_changed(struct undo *undo, const char *result, const char *why,
                           const char *digest)
{
    struct err err = {0};
    gate_end(undo->gate, undo->fix_id, result, digest);
    if (strcmp(result, "undone") == 0 &&
        journal_write(undo->gate->journal,
                      json_pack("{s:s, s:s}", "fix", json_get_string(undo->fix, "fix", ""), "state",
                                "undone"),
                      &err) != 0)
        log_error("%s", err.message);
    finish(undo, result, why);
}

static void on_read_back(void *arg, const json_t *outcome, const json_t *entry,
                         const struct err *err)
{
    struct undo *undo = arg;
    char digest[SHA256_HEX];
    gate_digest(outcome, digest);
    (void)entry;
    if (undo->failure.kind != ERR_NONE)
        finish_changed(undo, "failed", undo->failure.message, digest);
    else if (err == NULL && digest[0] != '\0' &&
             strcmp(digest, json_get_string(undo->fix, "before", "")) == 0)
        finish_changed(undo, "undone", NULL, digest);
    else if (!gate_read_again(&undo->read))
        finish_changed(undo, "failed",
                       err != NULL ? err->message
                                   : "the inverse calls were made, but the state is not the one "
                                     "from before the fix",
                       digest);
}

static void on_steps(void *arg, const struct err *err)
{
    struct undo *undo = arg;
    undo->gate->changes += undo->run.sent;
    if (err != NULL)
        undo->failure = *err;
    if (err != NULL && undo->run.sent == 0) {
        finish_changed(undo, "failed", undo->failure.message, NULL);
        return;
    }
    undo->read.done = on_read_back;
    gate_read_window(&undo->read);
    gate_read_start(&undo->read);
}

static void make_steps(struct undo *undo, const char *digest)
{
    struct gate *gate = undo->gate;
    undo->run = (struct step_run){.client = gate->context->client,
                                  .journal = gate->journal,
                                  .region = undo->resource->region,
                                  .fix = undo->fix_id,
                                  .steps = undo->inverse,
                                  .done = on_steps,
                                  .arg = undo};
    if (gate_session(gate, undo->policy, undo->resource, &undo->run.session, &undo->failure) != 0 ||
        gate_begin(gate, undo->resource, undo->read.check, digest,
                   json_get_string(undo->fix, "fix", ""), undo->fix_id, &undo->failure) != 0) {
        finish(undo, "failed", undo->failure.message);
        return;
    }
    step_run_start(&undo->run);
}

static void on_read(void *arg, const json_t *outcome, const json_t *entry, const struct err *err)
{
    struct undo *undo = arg;
    const char *after = json_get_string(undo->fix, "after", NULL);
    char digest[SHA256_HEX];
    gate_digest(outcome, digest);
    (void)entry;
    if (err != NULL)
        finish(undo, "held", err->message);
    else if (gate_is_state(outcome, "later"))
        finish(undo, "held", "the resource is not ready yet");
    else if (after == NULL)
        finish(undo, "held", "the journal does not say in which state the fix left it");
    else if (digest[0] == '\0' || strcmp(after, digest) != 0)
        finish(undo, "held", "drift: the state is no longer the one that the fix left");
    else
        make_steps(undo, digest);
}

/* The inverse of each step that was made, newest first; the reason (mem_free) when one has none. */
static char *collect_inverse(const struct undo *undo)
{
    const json_t *steps = json_object_get(undo->fix, "steps");
    for (size_t i = json_array_size(steps); i-- > 0;) {
        const json_t *step = json_array_get(steps, i);
        if (!json_is_true(json_object_get(step, "done")))
            continue;
        char *why = gate_inverse_refusal(undo->policy, undo->resource, step);
        if (why != NULL)
            return why;
        json_array_append(undo->inverse, json_object_get(step, "undo"));
    }
    return NULL;
}

static void tell_refusal(void *arg)
{
    struct undo *undo = arg;
    finish(undo, "held", undo->refusal);
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
    undo->read = (struct gate_read){.gate = gate,
                                    .policy = policy,
                                    .resource = resource,
                                    .check = json_get_string(fix, "check", ""),
                                    .done = on_read,
                                    .arg = undo};
    undo->refusal = collect_inverse(undo);
    if (undo->refusal == NULL && json_array_size(undo->inverse) == 0)
        undo->refusal = mem_strdup(
            "the journal knows of no call of this fix that succeeded, so there is nothing "
            "to take back; one without an answer may have been made all the same");
    if (undo->refusal != NULL)
        loop_defer(gate->context->loop, tell_refusal, undo);
    else
        gate_read_start(&undo->read);
}
