#include "support/fake_aws.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "aws/model/model_open.h"
#include "base/clock.h"
#include "base/mem.h"
#include "value/json.h"
#include "value/uri.h"

struct http_transfer {
    struct loop_timer *timer;
    struct fake_answer answer;
    http_done done;
    void *arg;
};

struct fake_aws fake_aws;
static struct model_set *models;
static struct endpoints *endpoints;
static int64_t passed_ms;
static char *field_value;

int64_t fake_aws_clock(void)
{
    passed_ms += 1000;
    return passed_ms;
}

void fake_aws_run(void)
{
    while (loop_turn(fake_aws.loop, 0))
        continue;
}

static const char *no_variables(const char *name)
{
    (void)name;
    return NULL;
}

static const char *header_of(const struct http_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (strcasecmp(request->headers[i].name, name) == 0)
            return request->headers[i].value;
    }
    return "";
}

static json_t *headers_of(const struct http_request *request)
{
    json_t *headers = json_object();
    for (size_t i = 0; i < request->header_count; i++) {
        char *name = mem_strdup(request->headers[i].name);
        for (char *c = name; *c != '\0'; c++)
            *c = (char)tolower((unsigned char)*c);
        json_object_set_new(headers, name, json_string(request->headers[i].value));
        mem_free(name);
    }
    return headers;
}

const char *fake_header(size_t index, const char *name)
{
    assert_true(index < fake_aws.count);
    return json_get_string(fake_aws.requests[index].headers, name, "");
}

static struct fake_request *keep(const struct http_request *request)
{
    size_t bytes = (fake_aws.count + 1) * sizeof(struct fake_request);
    fake_aws.requests = mem_resize(fake_aws.requests, bytes);
    struct fake_request *kept = &fake_aws.requests[fake_aws.count];
    kept->method = mem_strdup(request->method);
    kept->url = mem_strdup(request->url);
    kept->target = mem_strdup(header_of(request, "X-Amz-Target"));
    kept->body = mem_strndup(request->body_length > 0 ? request->body : "", request->body_length);
    kept->headers = headers_of(request);
    kept->json = json_loadb(kept->body, request->body_length, 0, NULL);
    return kept;
}

static void transfer_free(struct http_transfer *transfer)
{
    mem_free(transfer->answer.body);
    mem_free(transfer);
}

static void answer_later(void *arg)
{
    struct http_transfer *transfer = arg;
    struct fake_answer *answer = &transfer->answer;
    struct err err = {0};
    char name[] = "x-amz-bucket-region";
    struct http_header header = {.name = name, .value = answer->bucket_region};
    struct http_response response = {.status = answer->status,
                                     .headers = &header,
                                     .header_count = answer->bucket_region != NULL,
                                     .body = answer->body,
                                     .body_length =
                                         answer->body != NULL ? strlen(answer->body) : 0};
    if (answer->failure == ERR_NONE) {
        transfer->done(transfer->arg, &response, NULL);
    } else {
        err_set(&err, answer->failure, "the line is dead");
        err.status = answer->status;
        transfer->done(transfer->arg, NULL, &err);
    }
    transfer_free(transfer);
}

static struct http_transfer *start(void *self, const struct http_request *request, http_done done,
                                   void *arg)
{
    struct http_transfer *transfer = mem_alloc(sizeof *transfer);
    (void)self;
    const struct fake_request *kept = keep(request);
    transfer->answer = fake_aws.answer(kept, fake_aws.count++);
    transfer->done = done;
    transfer->arg = arg;
    transfer->timer = loop_after(fake_aws.loop, 0, answer_later, transfer);
    return transfer;
}

static void cancel(void *self, struct http_transfer *transfer)
{
    (void)self;
    loop_cancel(fake_aws.loop, transfer->timer);
    transfer_free(transfer);
}

const struct http_transport fake_aws_transport = {start, cancel, NULL};

struct fake_answer fake_reply(int status, const char *body)
{
    return (struct fake_answer){.status = status, .body = mem_strdup(body)};
}

/* A form's value, in which '+' stands for a space. */
static char *form_value(const char *text, size_t length)
{
    struct buf decoded;
    char *copy = mem_strndup(text, length);
    for (char *c = copy; *c != '\0'; c++)
        *c = *c == '+' ? ' ' : *c;
    buf_init(&decoded, 4u << 20);
    uri_decode(&decoded, copy, length);
    mem_free(copy);
    return buf_take(&decoded);
}

const char *fake_form(const struct fake_request *request, const char *field)
{
    size_t length = strlen(field);
    const char *at = request->body;
    while (at != NULL && (strncmp(at, field, length) != 0 || at[length] != '=')) {
        at = strchr(at, '&');
        at = at != NULL ? at + 1 : NULL;
    }
    if (at == NULL)
        return "";
    at += length + 1;
    mem_free(field_value);
    field_value = form_value(at, strcspn(at, "&"));
    return field_value;
}

int fake_aws_set_up(void **state)
{
    (void)state;
    const char *directory = getenv("ENGINE_MODELS");
    if (directory == NULL)
        fail_msg("ENGINE_MODELS names no directory of compiled models");
    passed_ms = 0;
    clock_replace(NULL, fake_aws_clock);
    fake_aws = (struct fake_aws){.loop = loop_new()};
    models = model_set_new(directory);
    endpoints = endpoints_new(models, no_variables);
    struct creds *creds = creds_new("AKIDEXAMPLE", "secret", NULL, 0);
    fake_aws.provider = creds_static(creds);
    creds_drop(creds);
    struct client_options options = {.loop = fake_aws.loop,
                                     .transport = fake_aws_transport,
                                     .models = models,
                                     .endpoints = endpoints,
                                     .max_attempts = 3};
    fake_aws.client = client_new(&options);
    return 0;
}

int fake_aws_tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < fake_aws.count; i++) {
        mem_free(fake_aws.requests[i].method);
        mem_free(fake_aws.requests[i].url);
        mem_free(fake_aws.requests[i].target);
        mem_free(fake_aws.requests[i].body);
        json_decref(fake_aws.requests[i].json);
        json_decref(fake_aws.requests[i].headers);
    }
    mem_free(fake_aws.requests);
    mem_free(field_value);
    field_value = NULL;
    client_free(fake_aws.client);
    creds_provider_drop(fake_aws.provider);
    endpoints_free(endpoints);
    model_set_free(models);
    loop_free(fake_aws.loop);
    clock_replace(NULL, NULL);
    return 0;
}
