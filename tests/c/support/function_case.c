#include "support/function_case.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/peer.h"

struct function_case function_case;

static void give(const struct peer_request *request)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    const char *event = function_case.events[function_case.given++];
    char *text =
        mem_printf("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id-%zu\r\n"
                   "Lambda-Runtime-Trace-Id: Root=1\r\n"
                   "Lambda-Runtime-Deadline-Ms: %lld\r\nContent-Length: %zu\r\n\r\n%s",
                   function_case.given, ((long long)now.tv_sec + 60) * 1000, strlen(event), event);
    peer_send(request, text);
    mem_free(text);
}

bool function_api(const struct peer_request *request)
{
    if (strstr(request->text, "/2018-06-01/runtime/") == NULL)
        return false;
    if (strstr(request->text, "/invocation/next") != NULL &&
        function_case.given < function_case.count) {
        give(request);
    } else if (strstr(request->text, "/invocation/next") != NULL) {
        kill(app_case.pid, SIGTERM);
    } else {
        bool failed = strstr(request->text, "/error HTTP") != NULL;
        assert_true(function_case.answered < MOST_EVENTS);
        snprintf(function_case.responses[function_case.answered++], sizeof *function_case.responses,
                 "%s %s", failed ? "error" : "response", request->text + request->body);
        peer_send(request, "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
    }
    return true;
}

int function_set_up(void **state)
{
    static char host[40];
    app_case_set_up(state);
    memset(&function_case, 0, sizeof function_case);
    app_case.hook = function_api;
    snprintf(host, sizeof host, "127.0.0.1:%d", peer_port(app_case.aws));
    app_setenv("AWS_LAMBDA_RUNTIME_API", host);
    app_setenv("ACCOUNTS", APP_ACCOUNT);
    app_setenv("POLLER_SQS", LINES);
    app_setenv("SQS", LINES);
    return 0;
}

void function_invoke(const char *handler, const char *const *events, size_t count)
{
    function_case.events = events;
    function_case.count = count;
    function_case.given = function_case.answered = 0;
    int status = app_run("", handler);
    if (status != 0)
        fail_msg("status %d: %s", status, app_case.err);
    assert_int_equal(function_case.answered, count);
}

void function_expect(size_t nth, const char *response)
{
    if (strstr(function_case.responses[nth], response) == NULL)
        fail_msg("\"%s\" is not in \"%s\": %s", response, function_case.responses[nth],
                 app_case.err);
}

void function_refuse(const char *operation, const char *body)
{
    static struct app_answer answers[2];
    answers[0] = (struct app_answer){operation, 403, body};
    app_case.answers = answers;
}
