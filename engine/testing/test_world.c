#include "testing/test_world.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "accounts/sessions.h"
#include "accounts/trust.h"
#include "aws/creds/creds.h"
#include "aws/endpoint/endpoint.h"
#include "base/mem.h"
#include "change/gate_undo.h"
#include "journal/journal_read.h"
#include "net/recording/replay.h"
#include "report/report.h"
#include "value/json.h"

#define ACCOUNT "111122223333"
#define REGION "us-east-1"
#define NOW 1795000000
#define MAX_REPORT ((size_t)64 << 20)

int test_world_open(struct test_world *world, struct err *err)
{
    const char *temporary = getenv("TMPDIR");
    world->folder = mem_printf("%s/engine-test-XXXXXX",
                               temporary != NULL && temporary[0] != '\0' ? temporary : "/tmp");
    if (mkdtemp(world->folder) == NULL) {
        err_set(err, ERR_IO, "no temporary directory %s: %s", world->folder, strerror(errno));
        mem_free(world->folder);
        world->folder = NULL;
        return -1;
    }
    world->report = mem_printf("%s/findings.json", world->folder);
    world->journal = mem_printf("%s/journal", world->folder);
    canned_init(&world->canned, world->models);
    return 0;
}

void test_world_close(struct test_world *world)
{
    if (world->folder == NULL)
        return;
    unlink(world->report);
    unlink(world->journal);
    rmdir(world->folder);
    mem_free(world->report);
    mem_free(world->journal);
    mem_free(world->folder);
    canned_clear(&world->canned);
}

/* ---- one case ---- */

/* Of the current case: its variables, and what chose the endpoints of its recording. */
static const json_t *variables, *recorded;

/* A test does not depend on the environment: it has only the variables that it gives, and those
 * without which its recorded requests would be others. */
static const char *variable_of_case(const char *name)
{
    const json_t *own = json_object_get(variables, name);
    return json_string_value(
        own != NULL ? own : json_object_get(json_object_get(recorded, "variables"), name));
}

static int read_settings(struct test_world *world, const json_t *item, struct err *err)
{
    struct settings *settings = &world->settings;
    variables = json_object_get(item, "settings");
    if (settings_init(settings, variable_of_case, "", err) != 0)
        return -1;
    settings->no_assume_role = true;
    settings->hold_irreversible = false;
    settings->all = true;
    settings->quiet = true;
    settings->verify_s = 0; /* the replies change at once */
    settings->format = FORMAT_JSON;
    settings->output = mem_strdup(world->report);
    return 0;
}

/* Opens the recording of the case, if it names one. */
static int open_recording(struct test_world *world, const json_t *item, struct err *err)
{
    const char *folder = json_get_string(item, "recorded", NULL);
    world->canned.recorded = folder != NULL;
    if (folder == NULL)
        return 0;
    char *path = folder[0] == '/' ? mem_strdup(folder) : mem_printf("%s/%s", world->base, folder);
    world->replay = replay_open(world->loop, path, "single", err);
    mem_free(path);
    recorded = world->replay != NULL ? replay_endpoints(world->replay) : NULL;
    if (world->replay != NULL)
        return 0;
    struct err why = *err;
    const char *option = "--replay: ";
    bool named = strncmp(why.message, option, strlen(option)) == 0;
    return err_set(err, why.kind, "recorded: %.900s", why.message + (named ? strlen(option) : 0));
}

static void make_client(struct test_world *world)
{
    struct creds *creds = creds_new("AKIATEST", "test", NULL, 0);
    struct client_options options = {.loop = world->loop,
                                     .models = world->models,
                                     .endpoints = world->endpoints,
                                     .answer = canned_answer,
                                     .answer_arg = &world->canned};
    if (world->replay != NULL)
        options.transport = replay_transport(world->replay);
    world->provider = creds_static(creds);
    creds_drop(creds);
    world->context.client = client_new(&options);
}

static void make_context(struct test_world *world, const json_t *item)
{
    struct context *context = &world->context;
    world->endpoints = endpoints_new(world->models, variable_of_case);
    endpoints_configure(world->endpoints, json_object_get(recorded, "profile"));
    world->creds_env = (struct creds_env){.loop = world->loop, .getenv = variable_of_case};
    make_client(world);
    context->loop = world->loop;
    context->evaluator = world->evaluator;
    context->settings = &world->settings;
    int64_t recorded_ms = world->replay != NULL ? replay_clock_ms(world->replay) : 0;
    json_int_t now = recorded_ms > 0 ? recorded_ms / 1000 : NOW;
    context->now_ms = (int64_t)json_get_integer(item, "now", now) * 1000;
    context->sessions =
        sessions_new(&world->creds_env, world->provider, &world->settings, world->endpoints);
    context->message = message_new(context->client, world->provider, &world->settings);
    context->trust = trust_new(&world->settings);
    sessions_set_caller(context->sessions, world->account);
    trust_caller(context->trust, world->account);
}

int test_world_begin(struct test_world *world, const json_t *item, struct err *err)
{
    world->context = (struct context){0};
    world->account = json_get_string(item, "account", ACCOUNT);
    world->region = json_get_string(item, "region", REGION);
    world->endpoints = NULL;
    world->provider = NULL;
    world->replay = NULL;
    canned_begin(&world->canned, world->account, json_object_get(item, "replies"),
                 json_object_get(item, "changes"));
    if (read_settings(world, item, err) != 0 || open_recording(world, item, err) != 0)
        return -1;
    make_context(world, item);
    return 0;
}

void test_world_end(struct test_world *world)
{
    struct context *context = &world->context;
    trust_free(context->trust);
    message_free(context->message);
    sessions_free(context->sessions);
    client_free(context->client);
    replay_free(world->replay);
    creds_provider_drop(world->provider);
    endpoints_free(world->endpoints);
    settings_clear(&world->settings);
    variables = NULL;
    recorded = NULL;
}

/* ---- runs ---- */

static void turn(struct test_world *world)
{
    do
        loop_run(world->loop);
    while (world->evaluator->strand(world->evaluator->self));
}

static void on_end(void *arg)
{
    (void)arg;
}

static json_t *read_report(const struct test_world *world, struct err *err)
{
    json_t *report = json_load_path(world->report, MAX_REPORT, err);
    json_t *findings = json_is_object(report) ? json_object_get(report, "findings") : report;
    json_incref(findings);
    json_decref(report);
    return findings;
}

/* Takes ownership of the report. */
static json_t *run_once(struct test_world *world, const char *id, enum run_mode mode,
                        struct report *report, struct journal *journal, struct err *err)
{
    struct gate *gate = gate_new(&world->context, journal);
    struct run_options options = {
        .context = &world->context, .mode = mode, .report = report, .gate = gate};
    struct run *run = run_new(&options);
    struct source_target target = run_target(run);
    struct resource *resource =
        resource_new(world->account, world->region, world->policy->type, id);
    run_start(run, source_single(world->loop, resource, &target), on_end, NULL);
    turn(world);
    run_free(run);
    gate_free(gate);
    return report_close(report, err) == 0 ? read_report(world, err) : NULL;
}

json_t *test_world_run(struct test_world *world, const char *id, enum run_mode mode,
                       const char *refused, struct err *err)
{
    struct canned *canned = &world->canned;
    canned_begin(canned, world->account, canned->replies, canned->changes);
    canned->refused = refused;
    world->evaluator->forget(world->evaluator->self);
    client_renew(world->context.client);
    unlink(world->journal);
    struct journal *journal = journal_new(world->journal);
    struct report *report = NULL;
    if (mode != RUN_CHANGE || journal_open(journal, err) == 0)
        report = report_open(&world->settings, err);
    json_t *findings = report != NULL ? run_once(world, id, mode, report, journal, err) : NULL;
    journal_free(journal);
    return findings;
}

json_t *test_world_fixes(struct test_world *world, struct err *err)
{
    struct journal *journal = journal_new(world->journal);
    json_t *fixes = journal_open_to_undo(journal, err) == 0 ? journal_fixes(journal, err) : NULL;
    journal_free(journal);
    return fixes;
}

static void add_result(void *arg, json_t *result)
{
    json_array_append_new(arg, result);
}

static void undo_fix(struct test_world *world, struct gate *gate, const json_t *fix,
                     json_t *results)
{
    struct err err = {0};
    struct resource *resource = resource_from_json(fix, &err);
    if (resource == NULL)
        return;
    gate_undo(gate, world->policy, resource, fix, add_result, results);
    turn(world);
    resource_free(resource);
}

json_t *test_world_undo(struct test_world *world, struct err *err)
{
    struct journal *journal = journal_new(world->journal);
    json_t *fixes = journal_open_to_undo(journal, err) == 0 ? journal_fixes(journal, err) : NULL;
    json_t *results = fixes != NULL ? json_array() : NULL;
    world->canned.undoing = true;
    world->evaluator->forget(world->evaluator->self);
    struct gate *gate = gate_new(&world->context, journal);
    for (size_t i = json_array_size(fixes); i-- > 0;)
        undo_fix(world, gate, json_array_get(fixes, i), results);
    gate_free(gate);
    journal_free(journal);
    json_decref(fixes);
    return results;
}

/* ---- tags ---- */

struct test_tags {
    json_t *tags; /* NULL: they are not known */
    struct err err;
};

static void on_tags(void *arg, const json_t *outcome, const struct err *err)
{
    struct test_tags *read = arg;
    const json_t *why = json_object_get(outcome, "tags_error");
    read->tags = json_incref(json_object_get(outcome, "tags"));
    if (err != NULL)
        read->err = *err;
    else if (why != NULL)
        err_set(&read->err, ERR_POLICY, "%s", json_get_string(why, "message", ""));
}

json_t *test_world_tags(struct test_world *world, const char *id, struct err *err)
{
    struct test_tags read = {0};
    struct scope scope;
    const struct audit_options options = {.no_digest = true, .tags = AUDIT_TAGS};
    struct evaluator *evaluator = world->evaluator;
    struct resource *resource =
        resource_new(world->account, world->region, world->policy->type, id);
    if (context_scope(&world->context, world->policy, world->account, world->region, &scope,
                      &read.err) == 0) {
        evaluator->audit(evaluator->self, world->policy, resource, &scope, &options, on_tags,
                         &read);
        turn(world);
    }
    resource_free(resource);
    *err = read.err;
    return read.tags;
}

/* ---- listings ---- */

struct test_listing {
    json_t *found;
    struct err err;
};

static void on_found(void *arg, const char *id, const json_t *options)
{
    struct test_listing *listing = arg;
    json_t *more = json_object();
    json_object_set(more, "region", json_object_get(options, "region"));
    if (json_is_true(json_object_get(options, "test")))
        json_object_set_new(more, "test", json_true());
    if (json_object_size(more) == 0) {
        json_array_append_new(listing->found, json_string_nocheck(id));
        json_decref(more);
        return;
    }
    json_object_set_new_nocheck(more, "id", json_string_nocheck(id));
    json_array_append_new(listing->found, more);
}

static void on_listed(void *arg, const struct err *err)
{
    struct test_listing *listing = arg;
    if (err != NULL)
        listing->err = *err;
}

json_t *test_world_list(struct test_world *world, struct err *err)
{
    struct test_listing listing = {.found = json_array()};
    struct scope scope;
    struct evaluator *evaluator = world->evaluator;
    evaluator->forget(evaluator->self);
    if (context_scope(&world->context, world->policy, world->account, world->region, &scope,
                      &listing.err) == 0) {
        evaluator->discover(evaluator->self, world->policy, &scope, on_found, on_listed, &listing);
        turn(world);
    }
    if (listing.err.kind == ERR_NONE)
        return listing.found;
    *err = listing.err;
    json_decref(listing.found);
    return NULL;
}
