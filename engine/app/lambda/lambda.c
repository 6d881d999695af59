#include "app/lambda/lambda.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "app/lambda/lambda_handler.h"
#include "app/lambda/lambda_invoke.h"
#include "app/lambda/lambda_poller.h"
#include "app/lambda/lambda_remediator.h"
#include "app/lambda/lambda_translator.h"
#include "app/services/services_signals.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/suggest.h"
#include "journal/journal_sums.h"
#include "value/json.h"
#include "value/log_json.h"

#define A_DAY_S 86400

struct runtime {
    struct services services;
    struct lambda_runtime *api;
    const char *name; /* of the handler, as Lambda or the command line gives it; may be NULL */
    const struct lambda_handler *handler;
    char **argv;
};

/* ---- the log: one line each, with the request id that Lambda's own lines have ---- */

static char request_id[64];

/* The journal goes to the same log, and undo reads every line that looks like a journal line. A
 * hostile id in a log line must not look like one. */
static void defuse(char *line)
{
    for (char *mark; (mark = strstr(line, JOURNAL_MARK)) != NULL;)
        *mark = '(';
}

static void write_log(enum log_level level, const char *line)
{
    static const char *const words[] = {"ERROR", "WARN", "INFO", "DEBUG"};
    char *text = mem_strdup(line);
    defuse(text);
    if (request_id[0] != '\0')
        fprintf(stderr, "%s RequestId: %s %s\n", words[level], request_id, text);
    else
        fprintf(stderr, "%s engine: %s\n", words[level], text);
    mem_free(text);
}

static void log_for(const char *id)
{
    snprintf(request_id, sizeof request_id, "%s", id);
    log_json_request(id);
}

/* AWS Lambda Developer Guide, "Configuring advanced logging controls for Lambda functions": Lambda
 * sets this variable, also for a custom runtime, which has to format its lines itself
 * (https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html). */
static void choose_log_format(const struct runtime *runtime)
{
    const char *asked = getenv("AWS_LAMBDA_LOG_FORMAT");
    const char *own = getenv("LOG_FORMAT");
    const char *level = getenv("AWS_LAMBDA_LOG_LEVEL");
    bool json = (asked != NULL && strcasecmp(asked, "json") == 0) ||
                (own != NULL && strcasecmp(own, "json") == 0);
    if (json)
        log_json_start(runtime->name);
    if (json && asked != NULL && level != NULL)
        log_json_keep(level);
    if (!json)
        log_set_sink(write_log);
}

/* AWS Lambda Developer Guide, "Configuring advanced logging controls": the log level of the
 * function; the engine has no TRACE and no FATAL. */
static void choose_log_level(void)
{
    char name[16] = "";
    enum log_level level;
    const char *given = getenv("AWS_LAMBDA_LOG_LEVEL");
    for (size_t i = 0; given != NULL && given[i] != '\0' && i + 1 < sizeof name; i++)
        name[i] = (char)tolower((unsigned char)given[i]);
    if (strcmp(name, "trace") == 0)
        log_set_level(LOG_DEBUG);
    else if (strcmp(name, "fatal") == 0)
        log_set_level(LOG_ERROR);
    else if (log_level_parse(name, &level) == 0)
        log_set_level(level);
}

/* ---- start ---- */

static const struct lambda_handler *const handlers[] = {&lambda_poller, &lambda_translator,
                                                        &lambda_remediator};
#define HANDLER_COUNT (sizeof handlers / sizeof *handlers)

static const struct lambda_handler *handler_named(const char *name)
{
    for (size_t i = 0; name != NULL && i < HANDLER_COUNT; i++) {
        if (strcmp(handlers[i]->name, name) == 0)
            return handlers[i];
    }
    return NULL;
}

bool lambda_serves(const char *name)
{
    return handler_named(name) != NULL;
}

void lambda_suggest(struct suggest *suggest)
{
    for (size_t i = 0; i < HANDLER_COUNT; i++)
        suggest_offer(suggest, handlers[i]->name);
}

static int refuse_handler(const char *name, struct err *err)
{
    struct suggest suggest;
    char hint[SUGGEST_TEXT];
    suggest_init(&suggest, name);
    lambda_suggest(&suggest);
    suggest_text(&suggest, hint);
    return err_set(err, ERR_USAGE,
                   "unknown handler \"%.100s\" (_HANDLER): it must be poller, event_translator or "
                   "remediator%s",
                   name, hint);
}

static int find_handler(struct runtime *runtime, struct err *err)
{
    const char *name = runtime->name;
    runtime->handler = handler_named(name);
    if (runtime->handler != NULL)
        return 0;
    return refuse_handler(name != NULL ? name : "", err);
}

static int check_folders(const struct settings *settings, struct err *err)
{
    if (settings->policies == NULL)
        return err_set(err, ERR_USAGE,
                       "no policies found in LAMBDA_TASK_ROOT: put them into the package, or set "
                       "ENGINE_POLICIES");
    return 0;
}

/* The first invocation loads the policies: the start must be quick, and broken policies are found
 * before a deployment. */
static int begin(struct runtime *runtime, struct err *err)
{
    static const char *const none[] = {NULL};
    struct services *services = &runtime->services;
    struct text_list rest = {0};
    if (find_handler(runtime, err) != 0 ||
        services_settings(services, 1, runtime->argv, 1, none, &rest, err) != 0)
        return -1;
    choose_log_level();
    if (services->settings.patience_s < 0)
        services->settings.patience_s = A_DAY_S; /* the deadline comes first */
    if (check_folders(&services->settings, err) != 0 ||
        runtime->handler->check(&services->settings, err) != 0)
        return -1;
    return services_connect(services, err);
}

static int report_broken_start(struct runtime *runtime, const struct err *failure)
{
    struct err err = {0};
    log_error("%s", failure->message);
    if (lambda_runtime_fail(runtime->api, NULL, failure, &err) != 0)
        log_error("%s", err.message);
    return 1;
}

/* ---- invocations, one after the other ---- */

/* The X-Ray id of this invocation, for the engine's requests and for programs that it starts.
 * Source: AWS Lambda Developer Guide, "Building a custom runtime for AWS Lambda": "Propagate the
 * tracing header" (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html). */
static void publish_trace(struct runtime *runtime, const struct lambda_event *event)
{
    struct services *services = &runtime->services;
    client_set_trace(services->client, event->trace_id);
    services->creds_env.trace_id = services->chain_env.trace_id = event->trace_id;
    if (event->trace_id != NULL)
        setenv("_X_AMZN_TRACE_ID", event->trace_id, 1);
    else
        unsetenv("_X_AMZN_TRACE_ID");
}

static int answer(struct runtime *runtime, struct invocation *invocation, struct err *err)
{
    const char *id = invocation->event->request_id;
    if (invocation->err.kind != ERR_NONE) {
        log_error("%s", invocation->err.message);
        return lambda_runtime_fail(runtime->api, id, &invocation->err, err);
    }
    char *text = invocation->reply != NULL ? json_text(invocation->reply) : mem_strdup("null");
    int result = lambda_runtime_respond(runtime->api, id, text, strlen(text), err);
    mem_free(text);
    return result;
}

/* Work in progress can neither continue in the next invocation nor be waited for. So the process
 * executes the same program again from its beginning, which Lambda does not notice. */
static void begin_again(const struct runtime *runtime)
{
    fflush(NULL);
    syscall(SYS_close_range, STDERR_FILENO + 1, ~0u, 0);
    execv("/proc/self/exe", runtime->argv);
    _exit(1);
}

static int serve_one(struct runtime *runtime, const struct lambda_event *event, struct err *err)
{
    struct invocation invocation = {
        .services = &runtime->services, .handler = runtime->handler, .event = event};
    log_for(event->request_id);
    publish_trace(runtime, event);
    lambda_invoke(&invocation);
    int result = answer(runtime, &invocation, err);
    log_for("");
    if (invocation.cut)
        begin_again(runtime);
    json_decref(invocation.reply);
    json_decref(invocation.input);
    runtime->services.creds_env.trace_id = runtime->services.chain_env.trace_id = NULL;
    return result;
}

static int serve(struct runtime *runtime, struct err *err)
{
    struct services *services = &runtime->services;
    while (!services->stopped) {
        struct lambda_event event;
        if (lambda_runtime_next(runtime->api, &event, err) != 0)
            return services->stopped ? 0 : -1;
        int result = serve_one(runtime, &event, err);
        lambda_event_clear(&event);
        if (result != 0)
            return -1;
    }
    return 0;
}

static void stop_waiting(void *arg)
{
    struct runtime *runtime = arg;
    loop_stop(runtime->services.loop);
}

static int run(struct runtime *runtime)
{
    struct err err = {0};
    if (begin(runtime, &err) != 0)
        return report_broken_start(runtime, &err);
    services_on_stop(&runtime->services, stop_waiting, runtime);
    if (serve(runtime, &err) == 0)
        return 0;
    log_error("%s", err.message);
    return 1;
}

int lambda_main(const char *handler, const char *runtime_api, char **argv,
                const struct language *language)
{
    struct runtime runtime = {
        .services = {.language = language, .signal_fd = -1, .in_function = true},
        .name = handler,
        .argv = argv};
    choose_log_format(&runtime);
    runtime.services.loop = loop_new();
    runtime.api = lambda_runtime_new(runtime.services.loop, runtime_api);
    int status = run(&runtime);
    lambda_runtime_free(runtime.api);
    services_free(&runtime.services);
    return status;
}
