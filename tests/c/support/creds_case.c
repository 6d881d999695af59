#include "support/creds_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#define MOST 32

struct http_transfer {
    int index; /* of its reply */
    http_done done;
    void *arg;
    struct loop_timer *timer;
};

static struct reply {
    const char *method;
    char *url;
    int status;
    char *body;
    struct http_header header;
    enum err_kind fault;
    bool sent;
    bool silent;
} replies[MOST];
static int reply_count;

static struct request {
    struct buf headers;
    struct buf body;
} requests[MOST];
static int request_count;
static int under_way;

static struct {
    char *name;
    char *value;
} variables[MOST];
static int variable_count;

static char directory[] = "/tmp/engine-creds-XXXXXX";
static char *paths[MOST];
static int path_count;
static int64_t mono;
static int64_t real_since; /* 0: not */

struct creds_env case_env;
int64_t case_now;

static int64_t wall_clock(void)
{
    return case_now;
}

static int64_t system_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The time stands still, except in case_run_for_real. */
static int64_t mono_clock(void)
{
    return mono + (real_since != 0 ? system_ms() - real_since : 0);
}

static const char *get_variable(const char *name)
{
    const char *value = NULL;
    for (int i = 0; i < variable_count; i++) {
        if (strcmp(variables[i].name, name) == 0)
            value = variables[i].value;
    }
    return value;
}

void case_setenv(const char *name, const char *value)
{
    assert_true(variable_count < MOST);
    variables[variable_count].name = mem_strdup(name);
    variables[variable_count++].value = mem_strdup(value);
}

const char *case_file(const char *name, const char *text)
{
    assert_true(path_count < MOST);
    char *path = mem_printf("%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    paths[path_count++] = path;
    return path;
}

static void check_log(enum log_level level, const char *line)
{
    (void)level;
    assert_null(strstr(line, SECRET));
}

/* The network. */

static struct reply *expect(const char *method, const char *url)
{
    assert_true(reply_count < MOST);
    struct reply *reply = &replies[reply_count++];
    *reply = (struct reply){.method = method, .url = mem_strdup(url)};
    return reply;
}

void case_reply(const char *method, const char *url, int status, const char *body)
{
    struct reply *reply = expect(method, url);
    reply->status = status;
    reply->body = mem_strdup(body);
}

void case_reply_header(const char *name, const char *value)
{
    replies[reply_count - 1].header = (struct http_header){name, value};
}

void case_fault(const char *method, const char *url, enum err_kind kind, bool sent)
{
    struct reply *reply = expect(method, url);
    reply->fault = kind;
    reply->sent = sent;
}

void case_silence(const char *method, const char *url)
{
    expect(method, url)->silent = true;
}

static void report_fault(const struct http_transfer *transfer, const struct reply *reply)
{
    struct err err = {0};
    err_set(&err, reply->fault, "could not connect to it");
    err.status = reply->sent;
    transfer->done(transfer->arg, NULL, &err);
}

static void answer(void *arg)
{
    struct http_transfer transfer = *(struct http_transfer *)arg;
    struct reply *reply = &replies[transfer.index];
    under_way--;
    mem_free(arg);
    if (reply->fault != ERR_NONE) {
        report_fault(&transfer, reply);
        return;
    }
    const struct http_response response = {
        .status = reply->status,
        .headers = &reply->header,
        .header_count = reply->header.name != NULL,
        .body = reply->body,
        .body_length = strlen(reply->body),
        .sent = true,
    };
    transfer.done(transfer.arg, &response, NULL);
}

static void record(const struct http_request *request)
{
    struct request *place = &requests[request_count++];
    buf_init(&place->headers, 1u << 20);
    buf_init(&place->body, 1u << 20);
    for (size_t i = 0; i < request->header_count; i++)
        buf_addf(&place->headers, "%s: %s\n", request->headers[i].name, request->headers[i].value);
    buf_add(&place->body, request->body, request->body_length);
}

static struct http_transfer *start(void *self, const struct http_request *request, http_done done,
                                   void *arg)
{
    (void)self;
    assert_true(request_count < reply_count);
    const struct reply *reply = &replies[request_count];
    assert_string_equal(request->method, reply->method);
    assert_string_equal(request->url, reply->url);
    struct http_transfer *transfer = mem_alloc(sizeof *transfer);
    *transfer = (struct http_transfer){.index = request_count, .done = done, .arg = arg};
    record(request);
    under_way++;
    if (!reply->silent)
        transfer->timer = loop_after(case_env.loop, 0, answer, transfer);
    return transfer;
}

static void stop(void *self, struct http_transfer *transfer)
{
    (void)self;
    loop_cancel(case_env.loop, transfer->timer);
    mem_free(transfer);
    under_way--;
}

int case_requests(void)
{
    return request_count;
}

const char *case_request_headers(int index)
{
    assert_true(index < request_count);
    return buf_text(&requests[index].headers);
}

const char *case_request_body(int index)
{
    assert_true(index < request_count);
    return buf_text(&requests[index].body);
}

/* Requests. */

static void on_told(void *arg, struct creds *creds, const struct err *err)
{
    struct outcome *outcome = arg;
    outcome->calls++;
    outcome->waiter = NULL;
    assert_true((creds == NULL) == (err != NULL));
    creds_drop(outcome->creds);
    outcome->creds = creds != NULL ? creds_hold(creds) : NULL;
    outcome->err = err != NULL ? *err : (struct err){0};
    if (err == NULL)
        return;
    assert_true(err->message[0] != '\0');
    assert_int_not_equal(err->kind, ERR_NONE);
    assert_null(strstr(err->message, SECRET));
    assert_null(strstr(err->code, SECRET));
}

void case_ask(struct creds_provider *provider, struct outcome *outcome)
{
    struct creds_waiter *waiter = creds_get(provider, on_told, outcome);
    if (waiter != NULL)
        outcome->waiter = waiter;
}

void case_run(void)
{
    while (loop_turn(case_env.loop, 0))
        mono += 100;
}

void case_run_for_real(void)
{
    real_since = system_ms();
    loop_run(case_env.loop);
    mono = mono_clock();
    real_since = 0;
}

void case_get(struct creds_provider *provider, struct outcome *outcome)
{
    case_ask(provider, outcome);
    case_run();
}

void case_clear(struct outcome *outcome)
{
    creds_drop(outcome->creds);
    *outcome = (struct outcome){0};
}

void case_keys(struct outcome *outcome, const char *access_key)
{
    if (outcome->creds == NULL)
        fail_msg("no keys: %s", outcome->err.message);
    assert_int_equal(outcome->calls, 1);
    assert_string_equal(outcome->creds->key.access_key, access_key);
    case_clear(outcome);
}

void case_failure(struct outcome *outcome, const char *part)
{
    assert_int_equal(outcome->calls, 1);
    assert_null(outcome->creds);
    if (strstr(outcome->err.message, part) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", part, outcome->err.message);
    case_clear(outcome);
}

/* Texts, valid until the next of their kind. */

const char *case_sts_xml(const char *operation, const char *access_key, const char *expiration)
{
    static char text[1024];
    snprintf(text, sizeof text,
             "<%sResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><%sResult>"
             "<AssumedRoleUser><AssumedRoleId>ARO:x</AssumedRoleId></AssumedRoleUser><Credentials>"
             "<AccessKeyId>%s</AccessKeyId><SecretAccessKey>" SECRET "</SecretAccessKey>"
             "<SessionToken>token-" SECRET "</SessionToken><Expiration>%s</Expiration>"
             "</Credentials></%sResult></%sResponse>",
             operation, operation, access_key, expiration, operation, operation);
    return text;
}

const char *case_sts_error(const char *code, const char *message)
{
    static char text[1024];
    snprintf(text, sizeof text,
             "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error>"
             "<Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error>"
             "<RequestId>id-1</RequestId></ErrorResponse>",
             code, message);
    return text;
}

const char *case_json(const char *access_key, const char *token_name, const char *expiration)
{
    static char text[512];
    snprintf(text, sizeof text,
             "{\"Version\": 1, \"Code\": \"Success\", \"AccessKeyId\": \"%s\", "
             "\"SecretAccessKey\": \"" SECRET "\", \"%s\": \"token-" SECRET "\"%s%s%s}",
             access_key, token_name, expiration[0] != '\0' ? ", \"Expiration\": \"" : "",
             expiration, expiration[0] != '\0' ? "\"" : "");
    return text;
}

/* Beginning and end. */

int case_setup(void **state)
{
    (void)state;
    case_now = CASE_NOW;
    mono = 1000;
    clock_replace(wall_clock, mono_clock);
    log_set_level(LOG_DEBUG);
    log_set_sink(check_log);
    memcpy(directory, "/tmp/engine-creds-XXXXXX", sizeof directory);
    assert_non_null(mkdtemp(directory));
    case_env = (struct creds_env){
        .loop = loop_new(), .transport = {.start = start, .cancel = stop}, .getenv = get_variable};
    case_setenv("HOME", directory);
    return 0;
}

static void clear_lists(void)
{
    for (int i = 0; i < variable_count; i++) {
        mem_free(variables[i].name);
        mem_free(variables[i].value);
    }
    for (int i = 0; i < reply_count; i++) {
        mem_free(replies[i].url);
        mem_free(replies[i].body);
    }
    for (int i = 0; i < request_count; i++) {
        buf_clear(&requests[i].headers);
        buf_clear(&requests[i].body);
    }
    for (int i = 0; i < path_count; i++) {
        unlink(paths[i]);
        mem_free(paths[i]);
    }
}

int case_teardown(void **state)
{
    (void)state;
    assert_int_equal(under_way, 0);
    assert_int_equal(request_count, reply_count);
    assert_false(loop_turn(case_env.loop, 0));
    clear_lists();
    variable_count = reply_count = request_count = path_count = 0;
    rmdir(directory);
    loop_free(case_env.loop);
    clock_replace(NULL, NULL);
    log_set_sink(NULL);
    log_set_level(LOG_WARN);
    return 0;
}
