#include "bindings/policy/jobs.h"

#include <lauxlib.h>
#include <string.h>

#include "base/mem.h"
#include "bindings/policy/loader.h"
#include "bindings/vm/convert_push.h"
#include "bindings/vm/handle.h"
#include "bindings/vm/job.h"

/* ---- audit ---- */

static void set_flag(lua_State *L, const char *name, bool flag)
{
    lua_pushboolean(L, flag);
    lua_setfield(L, -2, name);
}

/* Most jobs ask for the same. 0: this one names checks or parts. */
static int request_key(const struct evaluation *job)
{
    const struct audit_options *options = &job->options;
    if (job->only_check != NULL || job->parts != NULL || options->checks != NULL)
        return 0;
    return 1 | options->want_fixes << 1 | options->no_digest << 2 | options->trace << 3 |
           options->want_region << 4 | (int)options->tags << 5;
}

static void make_request(lua_State *L, const struct evaluation *job)
{
    static const char *const tags[] = {
        [AUDIT_TAGS] = "always", [AUDIT_TAGS_OF_FAILING] = "failing", [AUDIT_NO_TAGS] = "never"};
    lua_createtable(L, 0, 7);
    lua_pushstring(L, job->only_check);
    lua_setfield(L, -2, "only");
    set_flag(L, "fixes", job->options.want_fixes);
    set_flag(L, "digests", !job->options.no_digest);
    set_flag(L, "trace", job->options.trace);
    set_flag(L, "region", job->options.want_region);
    lua_pushstring(L, tags[job->options.tags]);
    lua_setfield(L, -2, "tags");
    convert_push(L, job->parts, CONVERT_REPLY);
    lua_setfield(L, -2, "parts");
    convert_push(L, job->options.checks, CONVERT_REPLY);
    lua_setfield(L, -2, "checks");
}

/* The drivers only read it, and policies never see it: so it is kept for the next job. */
static void push_request(lua_State *L, const struct evaluation *job)
{
    struct state *state = job->state;
    int key = request_key(job);
    if (key != 0 && key == state->request) {
        state_push(L, STATE_REQUEST);
        return;
    }
    make_request(L, job);
    if (key == 0)
        return;
    lua_pushvalue(L, -1);
    state_store(L, STATE_REQUEST);
    state->request = key;
}

static int push_audit(lua_State *L)
{
    struct evaluation *job = lua_touserdata(L, 1);
    state_push(L, STATE_AUDIT);
    state_push(L, STATE_FUNCTIONS);
    handle_push(L, job);
    push_request(L, job);
    return 4;
}

/* The outcome of an audit that the policy ended; NULL: it did not. */
static json_t *early_outcome(const struct evaluation *job)
{
    if (job->gone)
        return json_pack("{s:s, s:[]}", "state", "gone", "checks");
    if (!job->later)
        return NULL;
    return json_pack("{s:s, s:I, s:n, s:[]}", "state", "later", "delay", (json_int_t)job->later_s,
                     "tags", "checks");
}

static void report_audited(struct evaluation *job)
{
    json_t *early = early_outcome(job);
    if (early != NULL) {
        job->audited(job->arg, early, NULL);
        json_decref(early);
    } else if (job->err.kind != ERR_NONE || job->outcome == NULL) {
        if (job->err.kind == ERR_NONE)
            err_set(&job->err, ERR_POLICY, "the audit ended without an outcome");
        job->audited(job->arg, NULL, &job->err);
    } else {
        job->audited(job->arg, job->outcome, NULL);
    }
}

struct evaluation *jobs_audit(void *self, const struct policy *policy,
                              const struct resource *resource, const struct scope *scope,
                              const struct audit_options *options, evaluator_audited done,
                              void *arg)
{
    static const struct audit_options none;
    (void)self;
    struct evaluation *job = job_new(loader_state(policy), JOB_AUDIT, scope);
    if (options == NULL)
        options = &none;
    job->resource = resource;
    job->options = *options;
    job->only_check = mem_strdup(options->only_check);
    job->parts = json_deep_copy(options->parts);
    job->audited = done;
    job->arg = arg;
    job->prepare = push_audit;
    job->conclude = report_audited;
    job_start(job);
    return job;
}

/* ---- discover ---- */

static int push_discover(lua_State *L)
{
    struct evaluation *job = lua_touserdata(L, 1);
    state_push(L, STATE_DISCOVER);
    state_push(L, STATE_FUNCTIONS);
    handle_push(L, job);
    return 3;
}

static void report_discovered(struct evaluation *job)
{
    job->done(job->arg, job->err.kind != ERR_NONE ? &job->err : NULL);
}

struct evaluation *jobs_discover(void *self, const struct policy *policy, const struct scope *scope,
                                 evaluator_found found, evaluator_done done, void *arg)
{
    (void)self;
    struct evaluation *job = job_new(loader_state(policy), JOB_DISCOVER, scope);
    job->found = found;
    job->done = done;
    job->arg = arg;
    job->prepare = push_discover;
    job->conclude = report_discovered;
    job_start(job);
    return job;
}

/* ---- rules that make no calls: events, and spellings of ids ---- */

/* `what` names the rule in the error. */
static json_t *outcome_of(const struct policy *policy, const void *input, lua_CFunction prepare,
                          const char *what, struct err *err)
{
    struct evaluation *job = job_new(loader_state(policy), JOB_EVENT, NULL);
    job->input = input;
    job->prepare = prepare;
    job_run(job);
    json_t *outcome = job->err.kind == ERR_NONE ? json_incref(job->outcome) : NULL;
    if (job->err.kind != ERR_NONE)
        *err = job->err;
    else if (outcome == NULL)
        err_set(err, ERR_POLICY, "the rule of %s ended without an outcome", what);
    job_free(job);
    return outcome;
}

struct event {
    const char *name;
    const json_t *detail, *settings;
};

static int push_event(lua_State *L)
{
    const struct evaluation *job = lua_touserdata(L, 1);
    const struct event *event = job->input;
    state_push(L, STATE_EVENT);
    state_push(L, STATE_FUNCTIONS);
    lua_pushstring(L, event->name);
    convert_push(L, event->detail, CONVERT_REPLY);
    convert_push(L, event->settings, CONVERT_REPLY);
    return 5;
}

json_t *jobs_event_ids(void *self, const struct policy *policy, const char *event,
                       const json_t *detail, const json_t *settings, struct err *err)
{
    struct event input = {.name = event, .detail = detail, .settings = settings};
    (void)self;
    if (json_object_get(json_object_get(policy->meta, "events"), event) == NULL)
        return json_array();
    return outcome_of(policy, &input, push_event, event, err);
}

struct names {
    const json_t *line, *ids;
};

/* ids NULL: requests the ARN. */
static int push_names(lua_State *L)
{
    const struct evaluation *job = lua_touserdata(L, 1);
    const struct names *names = job->input;
    state_push(L, STATE_NAMES);
    state_push(L, STATE_FUNCTIONS);
    convert_push(L, names->line, CONVERT_REPLY);
    if (names->ids != NULL)
        convert_push(L, names->ids, CONVERT_REPLY);
    return names->ids != NULL ? 4 : 3;
}

json_t *jobs_canonical_ids(void *self, const struct policy *policy, const json_t *line,
                           const json_t *ids, struct err *err)
{
    struct names input = {.line = line, .ids = ids};
    (void)self;
    return outcome_of(policy, &input, push_names, ids != NULL ? "its ids" : "its ARN", err);
}

char *jobs_arn(void *self, const struct policy *policy, const json_t *line, struct err *err)
{
    json_t *answer = jobs_canonical_ids(self, policy, line, NULL, err);
    char *arn = mem_strdup(json_string_value(json_array_get(answer, 0)));
    json_decref(answer);
    return arn;
}
