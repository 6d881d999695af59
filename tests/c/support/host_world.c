#include "support/host_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "models/compile.h"
#include "value/json.h"

/* ---- the transport ---- */

struct transfer {
    struct world *world;
    struct loop_timer *timer;
    http_done done;
    void *arg;
    json_t *reply;
};

static const char *header_of(const struct http_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (strcasecmp(request->headers[i].name, name) == 0)
            return request->headers[i].value;
    }
    return "";
}

static const char *operation_of(const struct http_request *request)
{
    const char *dot = strrchr(header_of(request, "x-amz-target"), '.');
    return dot != NULL ? dot + 1 : "";
}

static json_t *next_reply(struct world *world, const char *operation)
{
    json_t *list = json_object_get(world->replies, operation);
    json_t *reply = json_incref(json_array_get(list, 0));
    if (json_array_size(list) > 1)
        json_array_remove(list, 0);
    return reply;
}

static void answer(void *arg)
{
    struct transfer *transfer = arg;
    const char *body = json_get_string(transfer->reply, "body", "{}");
    const struct http_response response = {
        .status = (int)json_get_integer(transfer->reply, "status", 200),
        .body = body,
        .body_length = strlen(body),
        .sent = true,
    };
    transfer->world->in_flight--;
    transfer->done(transfer->arg, &response, NULL);
    json_decref(transfer->reply);
    mem_free(transfer);
}

static struct http_transfer *start(void *self, const struct http_request *request, http_done done,
                                   void *arg)
{
    struct world *world = self;
    const char *operation = operation_of(request);
    struct transfer *transfer = mem_alloc(sizeof *transfer);
    json_array_append_new(world->requests,
                          json_pack("{s:s, s:s, s:s, s:s%}", "operation", operation, "url",
                                    request->url, "authorization",
                                    header_of(request, "authorization"), "body", request->body,
                                    request->body_length));
    transfer->world = world;
    transfer->done = done;
    transfer->arg = arg;
    transfer->reply = next_reply(world, operation);
    transfer->timer = loop_after(world->loop, world->reply_ms, answer, transfer);
    if (++world->in_flight > world->most_in_flight)
        world->most_in_flight = world->in_flight;
    if (world->mute) {
        loop_cancel(world->loop, transfer->timer);
        transfer->timer = NULL;
    }
    return (struct http_transfer *)transfer;
}

static void cancel(void *self, struct http_transfer *handle)
{
    struct world *world = self;
    struct transfer *transfer = (struct transfer *)handle;
    world->in_flight--;
    loop_cancel(world->loop, transfer->timer);
    json_decref(transfer->reply);
    mem_free(transfer);
}

struct http_transport world_transport(struct world *world)
{
    return (struct http_transport){.start = start, .cancel = cancel, .self = world};
}

/* ---- making the world ---- */

static const char *no_environment(const char *name)
{
    return strcmp(name, "AWS_ENDPOINT_URL") == 0 ? "http://127.0.0.1:9" : NULL;
}

static void compile_models(struct world *world)
{
    struct models_report report;
    struct err err = {0};
    char directory[128];
    snprintf(directory, sizeof directory, "%s/models", world->folder);
    mkdir(directory, 0700);
    if (models_compile("tests/fixtures/host/service-2.json", directory, "sqs", &report, &err) !=
            0 ||
        models_compile("tests/fixtures/host/sts/service-2.json", directory, "sts", &report, &err) !=
            0)
        fail_msg("%s", err.message);
    world->models = model_set_new(directory);
}

static void make_client(struct world *world)
{
    struct creds *creds = creds_new("AKIDEXAMPLE", "secret", NULL, 0);
    world->provider = creds_static(creds);
    creds_drop(creds);
    world->endpoints = endpoints_new(world->models, no_environment);
    const struct client_options options = {
        .loop = world->loop,
        .transport = world_transport(world),
        .models = world->models,
        .endpoints = world->endpoints,
        .max_attempts = 1,
    };
    world->client = client_new(&options);
}

static int trusted(void *arg, const char *id)
{
    const struct world *world = arg;
    return strcmp(id, "222222222222") == 0 ? world->trusted : 0;
}

static const char *doubt(void *arg, const char *id)
{
    (void)arg;
    return strcmp(id, "doubted") == 0 ? "it may be your own" : NULL;
}

void world_open(struct world *world, const struct host_options *limits)
{
    struct host_options options = {0};
    memset(world, 0, sizeof *world);
    strcpy(world->folder, "/tmp/host-XXXXXX");
    if (mkdtemp(world->folder) == NULL)
        fail_msg("mkdtemp failed");
    mem_install();
    world->loop = loop_new();
    world->reply_ms = 1;
    world->replies = json_object();
    world->requests = json_array();
    world->settings = json_pack("{s:[s,s], s:i}", "known_accounts", "1", "2", "db_check_time", 60);
    compile_models(world);
    make_client(world);
    if (limits != NULL)
        options = *limits;
    options.loop = world->loop;
    options.models = world->models;
    world->host = host_new(&options);
    world->evaluator = host_evaluator(world->host);
    world->session = (struct session){.account = "111122223333", .provider = world->provider};
    world->scope = (struct scope){.client = world->client,
                                  .session = &world->session,
                                  .account = "111122223333",
                                  .region = "eu-west-1",
                                  .settings = world->settings,
                                  .trusted = trusted,
                                  .doubt = doubt,
                                  .trusted_arg = world,
                                  .now_ms = 1700000000123};
}

static void remove_folder(const struct world *world)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", world->folder);
    assert_int_equal(system(command), 0);
}

void world_close(struct world *world)
{
    host_free(world->host);
    assert_int_equal(world->in_flight, 0);
    client_free(world->client);
    creds_provider_drop(world->provider);
    endpoints_free(world->endpoints);
    model_set_free(world->models);
    loop_free(world->loop);
    json_decref(world->replies);
    json_decref(world->requests);
    json_decref(world->settings);
    json_decref(world->found);
    remove_folder(world);
}

/* ---- what it answers ---- */

void world_reply(struct world *world, const char *operation, int status, const char *body)
{
    json_t *list = json_object_get(world->replies, operation);
    if (list == NULL) {
        list = json_array();
        json_object_set_new(world->replies, operation, list);
    }
    json_array_append_new(list, json_pack("{s:i, s:s}", "status", status, "body", body));
}

size_t world_count(const struct world *world, const char *operation)
{
    size_t i, count = 0;
    json_t *request;
    json_array_foreach (world->requests, i, request)
        count += strcmp(json_get_string(request, "operation", ""), operation) == 0;
    return count;
}

/* ---- policies ---- */

static void make_folders(const struct world *world)
{
    char path[128];
    snprintf(path, sizeof path, "%s/policies", world->folder);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/policies/lib", world->folder);
    mkdir(path, 0700);
}

void world_write(struct world *world, const char *name, const char *text)
{
    char path[200];
    make_folders(world);
    snprintf(path, sizeof path, "%s/%s", world->folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int load(struct world *world, const char *name, const char *text, struct err *err)
{
    char file[64], path[200];
    snprintf(file, sizeof file, "policies/%s.lua", name);
    world_write(world, file, text);
    snprintf(path, sizeof path, "%s/%s", world->folder, file);
    return world->evaluator->load(world->evaluator->self, path, err);
}

const struct policy *world_load(struct world *world, const char *name, const char *text)
{
    struct err err = {0};
    if (load(world, name, text, &err) != 0)
        fail_msg("%s", err.message);
    const struct policy *policy = world->evaluator->find(world->evaluator->self, name);
    if (policy == NULL)
        fail_msg("%s was loaded and is not there", name);
    return policy;
}

const char *world_refusal(struct world *world, const char *text)
{
    static struct err err;
    char name[32];
    memset(&err, 0, sizeof err);
    snprintf(name, sizeof name, "refused%d", ++world->files);
    if (load(world, name, text, &err) == 0)
        fail_msg("not refused: %s", text);
    return err.message;
}

/* ---- jobs ---- */

struct waiter {
    struct world *world;
    json_t *result;
};

static json_t *failure(const struct err *err)
{
    return json_pack("{s:s, s:s}", "failed", err->message, "kind", err_kind_name(err->kind));
}

static void on_audited(void *arg, const json_t *outcome, const struct err *err)
{
    struct waiter *waiter = arg;
    assert_null(waiter->result);
    waiter->result = outcome != NULL ? json_deep_copy(outcome) : failure(err);
}

static void on_found(void *arg, const char *id, const json_t *options)
{
    const struct waiter *waiter = arg;
    json_t *entry = json_pack("{s:s}", "id", id);
    if (options != NULL)
        json_object_set_new(entry, "options", json_deep_copy(options));
    json_array_append_new(waiter->world->found, entry);
}

static void on_done(void *arg, const struct err *err)
{
    struct waiter *waiter = arg;
    assert_null(waiter->result);
    waiter->result = err != NULL ? failure(err) : json_object();
}

static json_t *wait(struct world *world, struct waiter *waiter)
{
    assert_null(waiter->result);
    while (waiter->result == NULL && loop_turn(world->loop, -1))
        continue;
    assert_non_null(waiter->result);
    return waiter->result;
}

json_t *world_audit(struct world *world, const struct policy *policy,
                    const struct audit_options *options)
{
    struct waiter waiter = {.world = world};
    char account[] = "111122223333", region[] = "eu-west-1", id[] = "https://queue/1";
    char type[64];
    snprintf(type, sizeof type, "%s", policy->type);
    const struct resource resource = {.account = account, .region = region, .type = type, .id = id};
    world->session.allowed = policy->reads;
    world->session.reviewed = policy->reviewed;
    world->session.sensitive = policy->sensitive;
    world->evaluator->audit(world->evaluator->self, policy, &resource, &world->scope, options,
                            on_audited, &waiter);
    return wait(world, &waiter);
}

json_t *world_discover(struct world *world, const struct policy *policy)
{
    struct waiter waiter = {.world = world};
    json_decref(world->found);
    world->found = json_array();
    world->session.allowed = policy->reads;
    world->session.reviewed = policy->reviewed;
    world->session.sensitive = policy->sensitive;
    world->evaluator->discover(world->evaluator->self, policy, &world->scope, on_found, on_done,
                               &waiter);
    return wait(world, &waiter);
}

const char *world_try(struct world *world, const char *body)
{
    static char text[1200];
    char name[32];
    struct buf file;
    snprintf(name, sizeof name, "try%d", ++world->files);
    buf_init(&file, 1 << 16);
    buf_addf(&file,
             "return policy { type = \"%s\", title = \"Try\",\n"
             "permissions = { read = { \"sqs:GetQueueAttributes\", \"sqs:ListQueues\" },\n"
             "write = { \"sqs:SetQueueAttributes\" } },\n"
             "fetch = function() return { list = { 1, 2, 3 } } end,\n"
             "checks = { { id = \"%s.check\", title = \"Check\", severity = \"low\",\n"
             "audit = function(resource, state)\n%s\nend } } }\n",
             name, name, body);
    json_t *outcome = world_audit(world, world_load(world, name, buf_text(&file)), NULL);
    buf_clear(&file);
    const json_t *check = json_array_get(json_object_get(outcome, "checks"), 0);
    const char *found = json_get_string(outcome, "failed", json_get_string(check, "status", "?"));
    found = json_get_string(json_object_get(check, "error"), "message", found);
    if (json_object_get(check, "summary") != NULL)
        found = json_get_string(check, "summary", "");
    snprintf(text, sizeof text, "%s", found);
    json_decref(outcome);
    return text;
}
