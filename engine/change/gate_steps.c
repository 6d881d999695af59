#include "change/gate_steps.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "policy/finding.h"
#include "value/json.h"

static void next_step(struct step_run *run);

static json_t *line_of(const struct step_run *run, const char *state)
{
    return json_pack("{s:s, s:s, s:I}", "fix", run->fix, "state", state, "step",
                     (json_int_t)run->at);
}

static int write_intent(struct step_run *run, const json_t *step, struct err *err)
{
    char now[CLOCK_TEXT];
    json_t *line = line_of(run, "step");
    clock_rfc3339(clock_wall_ms(), now);
    json_object_set_new(line, "time", json_string(now));
    json_object_update_missing(line, (json_t *)step);
    return journal_write(run->journal, line, err);
}

/* No response, one that cannot be parsed or is too large, or a fault of the service: the call may
 * have been carried out. If it was refused (status 3xx, 4xx) or could not be sent, it was not. */
static bool may_have_arrived(const struct err *err)
{
    switch (err->kind) {
    case ERR_NET:
    case ERR_TIMEOUT:
    case ERR_LIMIT: return true;
    case ERR_API:
    case ERR_PARSE: return err->status < 300 || err->status >= 500;
    default: return false;
    }
}

/* The journal already has the call that may have been made, so a line that cannot be written is
 * only logged. No further call follows, because its own line could not be written either. */
static void write_answer(struct step_run *run, json_t *line)
{
    struct err err = {0};
    const struct log_subject subject = resource_subject(run->resource);
    if (journal_write(run->journal, line, &err) != 0)
        log_about(LOG_ERROR, &subject, "%s", err.message);
}

static void on_answer(void *arg, json_t *result, const struct err *err)
{
    struct step_run *run = arg;
    json_t *line = line_of(run, err == NULL ? "done" : "failed");
    (void)result;
    if (err != NULL) {
        run->unsure = may_have_arrived(err);
        json_object_set_new(line, "error", finding_error_json(err));
        json_object_set_new(line, "refused", json_boolean(!run->unsure));
    }
    write_answer(run, line);
    if (err != NULL) {
        run->done(run->arg, err);
        return;
    }
    run->at++;
    next_step(run);
}

static int send_step(struct step_run *run, const json_t *step, struct err *err)
{
    char service[64];
    const char *name = json_get_string(step, "call", "");
    const char *colon = strchr(name, ':');
    if (colon == NULL || (size_t)(colon - name) >= sizeof service)
        return err_set(err, ERR_POLICY, "\"%s\" is not a call: write service:Operation", name);
    snprintf(service, sizeof service, "%.*s", (int)(colon - name), name);
    struct call call = {.session = &run->session,
                        .region = run->resource->region,
                        .service = service,
                        .operation = colon + 1,
                        .params = json_object_get(step, "with"),
                        .once = true};
    if (write_intent(run, step, err) != 0 ||
        client_start(run->client, &call, err, on_answer, run) == NULL)
        return -1;
    run->sent++;
    return 0;
}

static void next_step(struct step_run *run)
{
    struct err err = {0};
    const json_t *step = json_array_get(run->steps, run->at);
    if (step == NULL)
        run->done(run->arg, NULL);
    else if (send_step(run, step, &err) != 0)
        run->done(run->arg, &err);
}

void step_run_start(struct step_run *run)
{
    run->at = 0;
    run->sent = 0;
    run->unsure = false;
    next_step(run);
}

void step_run_retry(struct step_run *run)
{
    next_step(run);
}

void step_run_resume(struct step_run *run)
{
    json_t *line = line_of(run, "done");
    json_object_set_new(line, "proven", json_true());
    write_answer(run, line);
    run->unsure = false;
    run->at++;
    next_step(run);
}

const json_t *step_run_expected(const struct step_run *run)
{
    return json_object_get(json_array_get(run->steps, run->at), "expected");
}

json_t *gate_plain_steps(const json_t *steps)
{
    size_t i;
    json_t *step;
    json_t *plain = json_array();
    json_array_foreach (steps, i, step) {
        json_t *copy = json_copy(step);
        json_object_del(copy, "expected");
        json_array_append_new(plain, copy);
    }
    return plain;
}
