#include "app/lambda/lambda_runtime.h"

#include <stdlib.h>
#include <string.h>

#include "aws/retry/retry.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/http/http.h"
#include "value/json.h"

#define VERSION "2018-06-01"
#define NEVER_MS (10L * 365 * 24 * 3600 * 1000)
#define ANSWER_MS (30 * 1000)
#define MAX_EVENT (16u << 20) /* events have at most 6 MB, also those from a queue */
/* AWS Lambda Developer Guide, quotas: 6 MB, plus a little that the service itself allows. */
#define MAX_REPLY 6291556u

struct lambda_runtime {
    struct loop *loop;
    struct http *http;
    char *base; /* "http://127.0.0.1:9001/2018-06-01/runtime" */

    /* The current request. */
    bool answered;
    int status;
    struct err err;
    struct lambda_event *event; /* to be filled from the response, or NULL */
};

struct lambda_runtime *lambda_runtime_new(struct loop *loop, const char *api)
{
    struct lambda_runtime *runtime = mem_alloc(sizeof *runtime);
    const struct http_options options = {.user_agent = "engine/" ENGINE_VERSION};
    runtime->loop = loop;
    runtime->http = http_new(loop, &options);
    runtime->base = mem_printf("http://%s/" VERSION "/runtime", api);
    return runtime;
}

void lambda_runtime_free(struct lambda_runtime *runtime)
{
    if (runtime == NULL)
        return;
    http_free(runtime->http);
    mem_free(runtime->base);
    mem_free(runtime);
}

void lambda_event_clear(struct lambda_event *event)
{
    mem_free(event->request_id);
    mem_free(event->function_arn);
    mem_free(event->trace_id);
    mem_free(event->body);
    *event = (struct lambda_event){0};
}

/* ---- one request ---- */

static char *header_of(const struct http_response *response, const char *name)
{
    return mem_strdup(http_header_value(response, name));
}

static void take_event(struct lambda_event *event, const struct http_response *response)
{
    const char *deadline = http_header_value(response, "lambda-runtime-deadline-ms");
    event->request_id = header_of(response, "lambda-runtime-aws-request-id");
    event->function_arn = header_of(response, "lambda-runtime-invoked-function-arn");
    event->trace_id = header_of(response, "lambda-runtime-trace-id");
    event->deadline_ms = deadline != NULL ? strtoll(deadline, NULL, 10) : 0;
    event->body =
        mem_strndup(response->body_length > 0 ? response->body : "", response->body_length);
    event->length = response->body_length;
}

static void on_answer(void *arg, const struct http_response *response, const struct err *err)
{
    struct lambda_runtime *runtime = arg;
    runtime->answered = true;
    if (err != NULL)
        runtime->err = *err;
    else
        runtime->status = response->status;
    if (err == NULL && response->status == 200 && runtime->event != NULL)
        take_event(runtime->event, response);
    loop_stop(runtime->loop); /* whatever else is in progress */
}

/* Returns the status of the response in *status. */
static int ask(struct lambda_runtime *runtime, const struct http_request *request, int *status,
               struct err *err)
{
    struct http_transport transport = http_transport_of(runtime->http);
    runtime->answered = false;
    runtime->err = (struct err){0};
    struct http_transfer *transfer = transport.start(transport.self, request, on_answer, runtime);
    loop_run(runtime->loop);
    /* The loop was stopped: a response that is being sent to Lambda is completed first. */
    while (!runtime->answered && runtime->event == NULL)
        loop_run(runtime->loop);
    if (!runtime->answered) {
        transport.cancel(transport.self, transfer);
        return err_set(err, ERR_CANCELLED, "the runtime was stopped");
    }
    *status = runtime->status;
    if (runtime->err.kind == ERR_NONE)
        return 0;
    *err = runtime->err;
    return err_prefix(err, "the Lambda runtime API");
}

int lambda_runtime_next(struct lambda_runtime *runtime, struct lambda_event *event, struct err *err)
{
    int status = 0;
    char *url = mem_printf("%s/invocation/next", runtime->base);
    const struct http_request request = {.method = "GET",
                                         .url = url,
                                         .idle_timeout_ms = NEVER_MS,
                                         .max_response = MAX_EVENT,
                                         .no_proxy = true};
    *event = (struct lambda_event){0};
    runtime->event = event;
    int result = ask(runtime, &request, &status, err);
    runtime->event = NULL;
    mem_free(url);
    if (result == 0 && status != 200)
        result =
            err_set(err, ERR_NET,
                    "the Lambda runtime API returned status %d for the next invocation", status);
    else if (result == 0 && event->request_id == NULL)
        result = err_set(err, ERR_NET, "the Lambda runtime API sent no request id");
    if (result != 0)
        lambda_event_clear(event);
    return result;
}

/* A lost connection is retried once: a second response does no harm, because Lambda refuses it. */
static int post(struct lambda_runtime *runtime, const char *url, const char *error_type,
                const char *body, size_t length, int *status, struct err *err)
{
    const struct http_header headers[] = {{"Content-Type", "application/json"},
                                          {"Lambda-Runtime-Function-Error-Type", error_type}};
    const struct http_request request = {.method = "POST",
                                         .url = url,
                                         .headers = headers,
                                         .header_count = error_type != NULL ? 2 : 1,
                                         .body = body,
                                         .body_length = length,
                                         .idle_timeout_ms = ANSWER_MS,
                                         .no_proxy = true};
    int result = ask(runtime, &request, status, err);
    if (result != 0 && err->kind == ERR_NET) {
        log_warn("%s: trying again", err->message);
        result = ask(runtime, &request, status, err);
    }
    return result;
}

/* ---- errors ---- */

/* "Runtime.ConfigInvalid": category and reason, in the form of the service's own types. */
static const char *type_of(const struct err *failure)
{
    static const char *const types[] = {
        [ERR_NONE] = "Engine.Unknown",         [ERR_INTERNAL] = "Engine.Internal",
        [ERR_USAGE] = "Engine.ConfigInvalid",  [ERR_IO] = "Engine.InputOutput",
        [ERR_LIMIT] = "Engine.TooLarge",       [ERR_PARSE] = "Engine.EventInvalid",
        [ERR_PARAM] = "Engine.CallInvalid",    [ERR_CREDS] = "Engine.NoCredentials",
        [ERR_NET] = "Engine.NoAnswer",         [ERR_TIMEOUT] = "Engine.OutOfTime",
        [ERR_API] = "Engine.CallFailed",       [ERR_DENIED] = "Engine.NotPermitted",
        [ERR_POLICY] = "Engine.PolicyInvalid", [ERR_CANCELLED] = "Engine.Stopped",
    };
    return types[failure->kind];
}

/* There is no stack trace; instead it has the failed call and AWS's error code. */
static char *error_body(const struct err *failure)
{
    json_t *trace = json_array();
    if (failure->operation[0] != '\0')
        json_array_append_new(trace, json_string_nocheck(failure->operation));
    if (failure->code[0] != '\0')
        json_array_append_new(trace, json_string_nocheck(failure->code));
    if (failure->request_id[0] != '\0')
        json_array_append_new(trace, json_string_nocheck(failure->request_id));
    json_t *body = json_object();
    json_object_set_new(body, "errorMessage", json_string_nocheck(failure->message));
    json_object_set_new(body, "errorType", json_string(type_of(failure)));
    json_object_set_new(body, "stackTrace", trace);
    char *text = json_text(body);
    json_decref(body);
    return text;
}

/* AWS Lambda Developer Guide: 403 and 400 concern only this response; after any other error the
 * runtime should end promptly. */
static int judge(int status, const char *what, struct err *err)
{
    if (status >= 200 && status < 300)
        return 0;
    if (status < 400 || status >= 500)
        return err_set(err, ERR_NET, "the Lambda runtime API returned status %d for the %s", status,
                       what);
    log_warn("the Lambda runtime API refused the %s (status %d)", what, status);
    return 0;
}

int lambda_runtime_fail(struct lambda_runtime *runtime, const char *request_id,
                        const struct err *failure, struct err *err)
{
    int status = 0;
    char *url = request_id != NULL ? mem_printf("%s/invocation/%s/error", runtime->base, request_id)
                                   : mem_printf("%s/init/error", runtime->base);
    char *body = error_body(failure);
    int result = post(runtime, url, type_of(failure), body, strlen(body), &status, err);
    mem_free(body);
    mem_free(url);
    return result != 0 ? -1 : judge(status, "error", err);
}

static int fail_too_large(struct lambda_runtime *runtime, const char *request_id, size_t length,
                          struct err *err)
{
    struct err failure;
    err_set(&failure, ERR_LIMIT, "the response has %zu bytes, more than the %u that Lambda accepts",
            length, MAX_REPLY);
    log_error("%s", failure.message);
    return lambda_runtime_fail(runtime, request_id, &failure, err);
}

int lambda_runtime_respond(struct lambda_runtime *runtime, const char *request_id, const char *body,
                           size_t length, struct err *err)
{
    int status = 0;
    if (length > MAX_REPLY)
        return fail_too_large(runtime, request_id, length, err);
    char *url = mem_printf("%s/invocation/%s/response", runtime->base, request_id);
    int result = post(runtime, url, NULL, body, length, &status, err);
    mem_free(url);
    if (result != 0)
        return -1;
    return status == 413 ? fail_too_large(runtime, request_id, length, err)
                         : judge(status, "response", err);
}
