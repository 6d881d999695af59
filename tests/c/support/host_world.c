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

#include "aws/model/model_open.h"
#include "aws/model_compiler/compile.h"
#include "base/buf.h"
#include "base/mem.h"
#include "support/prepared.h"
#include "value/json.h"

/* ---- the transport ---- */

struct transfer {
    struct world *here;
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

static json_t *next_reply(struct world *here, const char *operation)
{
    json_t *list = json_object_get(here->replies, operation);
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
    transfer->here->in_flight--;
    transfer->done(transfer->arg, &response, NULL);
    json_decref(transfer->reply);
    mem_free(transfer);
}

static struct http_transfer *start(void *self, const struct http_request *request, http_done done,
                                   void *arg)
{
    struct world *here = self;
    const char *operation = operation_of(request);
    struct transfer *transfer = mem_alloc(sizeof *transfer);
    json_array_append_new(here->requests, json_pack("{s:s, s:s, s:s, s:s%}", "operation", operation,
                                                    "url", request->url, "authorization",
                                                    header_of(request, "authorization"), "body",
                                                    request->body, request->body_length));
    transfer->here = here;
    transfer->done = done;
    transfer->arg = arg;
    transfer->reply = next_reply(here, operation);
    transfer->timer = loop_after(here->loop, here->reply_ms, answer, transfer);
    if (++here->in_flight > here->most_in_flight)
        here->most_in_flight = here->in_flight;
    if (here->mute) {
        loop_cancel(here->loop, transfer->timer);
        transfer->timer = NULL;
    }
    return (struct http_transfer *)transfer;
}

static void cancel(void *self, struct http_transfer *handle)
{
    struct world *here = self;
    struct transfer *transfer = (struct transfer *)handle;
    here->in_flight--;
    loop_cancel(here->loop, transfer->timer);
    json_decref(transfer->reply);
    mem_free(transfer);
}

struct http_transport world_transport(struct world *here)
{
    return (struct http_transport){.start = start, .cancel = cancel, .self = here};
}

/* ---- creating the world ---- */

static const char *no_environment(const char *name)
{
    return strcmp(name, "AWS_ENDPOINT_URL") == 0 ? "http://127.0.0.1:9" : NULL;
}

static void compile_models(struct world *here)
{
    struct models_report report;
    struct err err = {0};
    char directory[128];
    snprintf(directory, sizeof directory, "%s/models", here->folder);
    mkdir(directory, 0700);
    if (models_compile("tests/fixtures/host/service-2.json", directory, "sqs", &report, &err) !=
            0 ||
        models_compile("tests/fixtures/host/sts/service-2.json", directory, "sts", &report, &err) !=
            0)
        fail_msg("%s", err.message);
    here->models = model_set_new(directory);
}

static void make_client(struct world *here)
{
    struct creds *creds = creds_new("AKIDEXAMPLE", "secret", NULL, 0);
    here->provider = creds_static(creds);
    creds_drop(creds);
    here->endpoints = endpoints_new(here->models, no_environment);
    const struct client_options options = {
        .loop = here->loop,
        .transport = world_transport(here),
        .models = here->models,
        .endpoints = here->endpoints,
        .max_attempts = 1,
    };
    here->client = client_new(&options);
}

static int trusted(void *arg, const char *id)
{
    const struct world *here = arg;
    return strcmp(id, "222222222222") == 0 ? here->trusted : 0;
}

static const char *doubt(void *arg, const char *id)
{
    (void)arg;
    return strcmp(id, "doubted") == 0 ? "it may be your own" : NULL;
}

void world_open(struct world *here, const struct host_options *limits)
{
    struct host_options options = {0};
    memset(here, 0, sizeof *here);
    strcpy(here->folder, "/tmp/host-XXXXXX");
    if (mkdtemp(here->folder) == NULL)
        fail_msg("mkdtemp failed");
    mem_install();
    here->loop = loop_new();
    here->reply_ms = 1;
    here->replies = json_object();
    here->requests = json_array();
    here->settings = json_pack("{s:[s,s], s:i}", "known_accounts", "1", "2", "db_check_time", 60);
    compile_models(here);
    make_client(here);
    if (limits != NULL)
        options = *limits;
    options.loop = here->loop;
    options.models = here->models;
    options.code = *prepared_code();
    here->evaluator = lua_evaluator_new(&options);
    here->session = (struct session){.account = "111122223333", .provider = here->provider};
    here->scope = (struct scope){.client = here->client,
                                 .session = &here->session,
                                 .account = "111122223333",
                                 .region = "eu-west-1",
                                 .settings = here->settings,
                                 .trusted = trusted,
                                 .doubt = doubt,
                                 .trusted_arg = here,
                                 .now_ms = 1700000000123};
}

static void remove_folder(const struct world *here)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", here->folder);
    assert_int_equal(system(command), 0);
}

void world_close(struct world *here)
{
    lua_evaluator_free(here->evaluator);
    assert_int_equal(here->in_flight, 0);
    client_free(here->client);
    creds_provider_drop(here->provider);
    endpoints_free(here->endpoints);
    model_set_free(here->models);
    loop_free(here->loop);
    json_decref(here->replies);
    json_decref(here->requests);
    json_decref(here->settings);
    json_decref(here->found);
    remove_folder(here);
}

/* ---- its responses ---- */

void world_reply(struct world *here, const char *operation, int status, const char *body)
{
    json_t *list = json_object_get(here->replies, operation);
    if (list == NULL) {
        list = json_array();
        json_object_set_new(here->replies, operation, list);
    }
    json_array_append_new(list, json_pack("{s:i, s:s}", "status", status, "body", body));
}

size_t world_count(const struct world *here, const char *operation)
{
    size_t i, count = 0;
    json_t *request;
    json_array_foreach (here->requests, i, request)
        count += strcmp(json_get_string(request, "operation", ""), operation) == 0;
    return count;
}

/* ---- policies ---- */

static void make_folders(const struct world *here)
{
    char path[128];
    snprintf(path, sizeof path, "%s/policies", here->folder);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/policies/lib", here->folder);
    mkdir(path, 0700);
}

void world_write(struct world *here, const char *name, const char *text)
{
    char path[200];
    make_folders(here);
    snprintf(path, sizeof path, "%s/%s", here->folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int load(struct world *here, const char *name, const char *text, struct err *err)
{
    char file[64], path[200];
    snprintf(file, sizeof file, "policies/%s.lua", name);
    world_write(here, file, text);
    snprintf(path, sizeof path, "%s/%s", here->folder, file);
    return here->evaluator->load(here->evaluator->self, path, err);
}

const struct policy *world_load(struct world *here, const char *name, const char *text)
{
    struct err err = {0};
    if (load(here, name, text, &err) != 0)
        fail_msg("%s", err.message);
    const struct policy *policy = here->evaluator->find(here->evaluator->self, name);
    if (policy == NULL)
        fail_msg("%s was loaded and is not there", name);
    return policy;
}

const char *world_refusal(struct world *here, const char *text)
{
    static struct err err;
    char name[32];
    memset(&err, 0, sizeof err);
    snprintf(name, sizeof name, "refused%d", ++here->files);
    if (load(here, name, text, &err) == 0)
        fail_msg("not refused: %s", text);
    return err.message;
}

/* ---- jobs ---- */

struct waiter {
    struct world *here;
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
    json_array_append_new(waiter->here->found, entry);
}

static void on_done(void *arg, const struct err *err)
{
    struct waiter *waiter = arg;
    assert_null(waiter->result);
    waiter->result = err != NULL ? failure(err) : json_object();
}

static json_t *wait(struct world *here, struct waiter *waiter)
{
    assert_null(waiter->result);
    while (waiter->result == NULL && loop_turn(here->loop, -1))
        continue;
    assert_non_null(waiter->result);
    return waiter->result;
}

json_t *world_audit(struct world *here, const struct policy *policy,
                    const struct audit_options *options)
{
    struct waiter waiter = {.here = here};
    char account[] = "111122223333", region[] = "eu-west-1", id[] = "https://queue/1";
    char type[64];
    snprintf(type, sizeof type, "%s", policy->type);
    const struct resource resource = {.account = account, .region = region, .type = type, .id = id};
    here->session.allowed = policy->reads;
    here->session.reviewed = policy->reviewed;
    here->session.sensitive = policy->sensitive;
    here->evaluator->audit(here->evaluator->self, policy, &resource, &here->scope, options,
                           on_audited, &waiter);
    return wait(here, &waiter);
}

json_t *world_discover(struct world *here, const struct policy *policy)
{
    struct waiter waiter = {.here = here};
    json_decref(here->found);
    here->found = json_array();
    here->session.allowed = policy->reads;
    here->session.reviewed = policy->reviewed;
    here->session.sensitive = policy->sensitive;
    here->evaluator->discover(here->evaluator->self, policy, &here->scope, on_found, on_done,
                              &waiter);
    return wait(here, &waiter);
}

const char *world_try(struct world *here, const char *body)
{
    static char text[1200];
    char name[32];
    struct buf file;
    snprintf(name, sizeof name, "try%d", ++here->files);
    buf_init(&file, 1 << 16);
    buf_addf(&file,
             "return policy { type = \"%s\", title = \"Try\",\n"
             "permissions = { read = { \"sqs:GetQueueAttributes\", \"sqs:ListQueues\" },\n"
             "write = { \"sqs:SetQueueAttributes\" } },\n"
             "fetch = function() return { list = { 1, 2, 3 } } end,\n"
             "checks = { { id = \"%s.check\", title = \"Check\", severity = \"low\",\n"
             "audit = function(resource, state)\n%s\nend } } }\n",
             name, name, body);
    json_t *outcome = world_audit(here, world_load(here, name, buf_text(&file)), NULL);
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
