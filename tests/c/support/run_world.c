#include "support/run_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "accounts/sessions.h"
#include "audit/run_lists.h"
#include "audit/run_report.h"
#include "aws/model/model_open.h"
#include "aws/operations/opset.h"
#include "base/clock.h"
#include "base/mem.h"
#include "change/gate.h"
#include "change/gate_undo.h"
#include "support/models.h"
#include "value/json.h"

#define META                                                                                       \
    "{\"tags\":true,\"permissions\":{\"read\":[],\"write\":[]},\"checks\":["                       \
    "{\"id\":\"sqs.public\",\"title\":\"Public\",\"severity\":\"high\",\"fix\":true},"             \
    "{\"id\":\"sqs.shared\",\"title\":\"Shared\",\"severity\":\"low\",\"fix\":true}]}"

#define DAY_MS 86400000

struct run_world run_world;
static int64_t passed_ms;
static struct creds_env creds_env;

struct reported {
    json_t *outcome;
    evaluator_audited done;
    void *arg;
};

static int64_t running_clock(void)
{
    passed_ms += DAY_MS;
    return passed_ms;
}

static const char *no_variables(const char *name)
{
    (void)name;
    return NULL;
}

static const struct policy *find(void *self, const char *type)
{
    (void)self;
    return strcmp(type, run_world.policy.type) == 0 ? &run_world.policy : NULL;
}

static void deliver_outcome(void *arg)
{
    struct reported *reported = arg;
    struct err err = {0};
    if (json_is_string(reported->outcome)) {
        err_set(&err, ERR_NET, "%s", json_string_value(reported->outcome));
        reported->done(reported->arg, NULL, &err);
    } else {
        reported->done(reported->arg, reported->outcome, NULL);
    }
    json_decref(reported->outcome);
    mem_free(reported);
}

/* What is expected after a step is only given if digests are requested. */
static void leave_out_expected(json_t *outcome)
{
    size_t i, j;
    json_t *entry, *step;
    json_array_foreach (json_object_get(outcome, "checks"), i, entry) {
        json_array_foreach (json_object_get(entry, "steps"), j, step)
            json_object_del(step, "expected");
    }
}

/* Fixes that were not requested have no entry. */
static void leave_out_fixes(json_t *outcome)
{
    static const char *const keys[] = {"fix", "steps", "held", "covered_by"};
    size_t i;
    json_t *entry;
    json_array_foreach (json_object_get(outcome, "checks"), i, entry) {
        for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
            json_object_del(entry, keys[k]);
    }
}

static struct evaluation *audit(void *self, const struct policy *policy,
                                const struct resource *resource, const struct scope *scope,
                                const struct audit_options *options, evaluator_audited done,
                                void *arg)
{
    struct reported *reported = mem_alloc(sizeof *reported);
    (void)self, (void)policy, (void)resource, (void)scope;
    json_decref(run_world.parts);
    run_world.parts = json_deep_copy(options->parts);
    assert_true(json_array_size(run_world.outcomes) > 0);
    reported->outcome = json_deep_copy(json_array_get(run_world.outcomes, 0));
    if (options->no_digest)
        leave_out_expected(reported->outcome);
    if (!options->want_fixes)
        leave_out_fixes(reported->outcome);
    if (json_array_size(run_world.outcomes) > 1)
        json_array_remove(run_world.outcomes, 0);
    reported->done = done;
    reported->arg = arg;
    run_world.audits++;
    loop_defer(fake_aws.loop, deliver_outcome, reported);
    return NULL;
}

static struct fake_answer accept_all(const struct fake_request *request, size_t index)
{
    (void)index;
    bool batch = strstr(request->target, "SendMessageBatch") != NULL;
    return fake_reply(200, batch ? "{\"Successful\":[{\"Id\":\"0\",\"MessageId\":\"m\","
                                   "\"MD5OfMessageBody\":\"x\"}]}"
                                 : "{}");
}

static void set_policy(void)
{
    struct opset *reads = opset_new(), *writes = opset_new();
    opset_add(reads, "sqs", "GetQueueAttributes");
    opset_add(writes, "sqs", "SetQueueAttributes");
    run_world.policy = (struct policy){.type = "sqs",
                                       .title = "Queue",
                                       .file = "policies/sqs.lua",
                                       .reads = reads,
                                       .writes = writes,
                                       .meta = json_loads(META, 0, NULL)};
    run_world.evaluator = (struct evaluator){.find = find, .audit = audit};
}

static void set_context(void)
{
    struct settings *settings = &run_world.settings;
    creds_env = (struct creds_env){
        .loop = fake_aws.loop, .transport = fake_aws_transport, .getenv = no_variables};
    run_world.models = real_models();
    run_world.endpoints = endpoints_new(run_world.models, no_variables);
    run_world.context = (struct context){
        .loop = fake_aws.loop,
        .client = fake_aws.client,
        .evaluator = &run_world.evaluator,
        .sessions = sessions_new(&creds_env, fake_aws.provider, settings, run_world.endpoints),
        .message = message_new(fake_aws.client, fake_aws.provider, settings),
        .settings = settings};
}

int run_world_set_up(void **state)
{
    fake_aws_set_up(state);
    fake_aws.answer = accept_all;
    passed_ms = 0;
    clock_replace(NULL, running_clock);
    run_world = (struct run_world){.outcomes = json_array(), .folder = scratch_folder()};
    run_world.report = scratch_path(run_world.folder, "report");
    run_world.journal = scratch_path(run_world.folder, "journal");
    run_world.settings = (struct settings){.no_assume_role = true,
                                           .max_changes = -1,
                                           .concurrency = 10,
                                           .all = true,
                                           .quiet = true,
                                           .format = FORMAT_JSON,
                                           .output = run_world.report,
                                           .for_policies = json_object()};
    set_policy();
    set_context();
    return 0;
}

int run_world_tear_down(void **state)
{
    json_decref(run_world.findings);
    json_decref(run_world.outcomes);
    json_decref(run_world.parts);
    message_free(run_world.context.message);
    sessions_free(run_world.context.sessions);
    exceptions_free(run_world.context.exceptions);
    endpoints_free(run_world.endpoints);
    model_set_free(run_world.models);
    opset_free((struct opset *)(uintptr_t)run_world.policy.reads);
    opset_free((struct opset *)(uintptr_t)run_world.policy.writes);
    json_decref((json_t *)(uintptr_t)run_world.policy.meta);
    json_decref(run_world.settings.for_policies);
    scratch_remove(run_world.folder);
    mem_free(run_world.report);
    mem_free(run_world.journal);
    return fake_aws_tear_down(state);
}

void run_world_answer(const char *outcome)
{
    json_t *value = outcome[0] == '{' ? json_loads(outcome, 0, NULL) : json_string(outcome);
    assert_non_null(value);
    json_array_append_new(run_world.outcomes, value);
}

static void on_done(void *arg)
{
    bool *done = arg;
    *done = true;
}

static void finish_run(struct run *run, struct report *report)
{
    struct err err = {0};
    run_report_missing(run);
    run_world.status = run_status(run);
    run_free(run);
    assert_int_equal(report_close(report, &err), 0);
    json_decref(run_world.findings);
    run_world.findings = json_load_path(run_world.report, 1 << 20, &err);
    assert_non_null(run_world.findings);
}

void run_world_run(enum run_mode mode, const char *more)
{
    char *line = mem_printf("{\"account\":\"111122223333\",\"region\":\"us-east-1\","
                            "\"type\":\"sqs\",\"id\":\"%s\"%s}",
                            RUN_WORLD_ID, more);
    run_world_lines(mode, line);
    mem_free(line);
}

static int file_of(const char *text)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    rewind(file);
    int fd = dup(fileno(file));
    fclose(file);
    return fd;
}

static void run_lines(enum run_mode mode, const char *lines, bool ends)
{
    struct err err = {0};
    bool done = false;
    int fd = file_of(lines);
    struct journal *journal = journal_new(run_world.journal);
    struct gate *gate = gate_new(&run_world.context, journal);
    struct report *report = report_open(&run_world.settings, &err);
    struct run_options options = {.context = &run_world.context,
                                  .mode = mode,
                                  .report = report,
                                  .gate = gate,
                                  .settled = run_world.settled,
                                  .plans = run_world.settings.plans != NULL};
    struct run *run = run_new(&options);
    struct source_target target = run_target(run);
    run_start(run, source_lines(fake_aws.loop, fd, &target), on_done, &done);
    fake_aws_run();
    assert_int_equal(done, ends);
    finish_run(run, report);
    gate_free(gate);
    journal_free(journal);
    close(fd);
}

void run_world_lines(enum run_mode mode, const char *lines)
{
    run_lines(mode, lines, true);
}

void run_world_unfinished(enum run_mode mode, const char *lines)
{
    run_lines(mode, lines, false);
}

static void on_undone(void *arg, json_t *result)
{
    json_t **results = arg;
    json_array_append_new(*results, result);
}

json_t *run_world_undo(void)
{
    struct err err = {0};
    json_t *results = json_array();
    struct journal *journal = journal_new(run_world.journal);
    assert_int_equal(journal_open_to_undo(journal, &err), 0);
    json_t *fixes = journal_fixes(journal, &err);
    assert_string_equal(err.message, "");
    struct gate *gate = gate_new(&run_world.context, journal);
    for (size_t i = json_array_size(fixes); i-- > 0;) {
        const json_t *fix = json_array_get(fixes, i);
        struct resource *resource = resource_from_json(fix, &err);
        gate_undo(gate, &run_world.policy, resource, fix, on_undone, &results);
        fake_aws_run();
        resource_free(resource);
    }
    gate_free(gate);
    journal_free(journal);
    json_decref(fixes);
    return results;
}

const char *run_world_says(const char *check, const char *key)
{
    size_t i;
    json_t *finding;
    json_array_foreach (run_world.findings, i, finding) {
        if (strcmp(json_get_string(finding, "check", ""), check) == 0)
            return json_get_string(finding, key, "");
    }
    fail_msg("no finding of %s", check);
    return "";
}

void run_world_exceptions(const char *rules)
{
    struct err err = {0};
    char *path = scratch_path(run_world.folder, "rules.json");
    scratch_write(path, rules, strlen(rules));
    run_world.settings.exceptions = path;
    exceptions_free(run_world.context.exceptions);
    run_world.context.exceptions =
        exceptions_load(&run_world.settings, NULL, NULL, no_variables, 0, &err);
    run_world.settings.exceptions = NULL;
    assert_string_equal(err.message, "");
    mem_free(path);
}
