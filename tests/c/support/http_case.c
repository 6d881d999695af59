#include "support/http_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct http_case http_case;

static void on_request(void *arg, const struct peer_request *request)
{
    (void)arg;
    snprintf(http_case.seen, sizeof http_case.seen, "%s", request->text);
    if (http_case.answer != NULL)
        peer_send(request, http_case.answer);
}

static void on_done(void *arg, const struct http_response *response, const struct err *err)
{
    struct reported *reported = arg;
    reported->calls++;
    if (response == NULL) {
        reported->err = *err;
        return;
    }
    reported->status = response->status;
    reported->body_length = response->body_length;
    snprintf(reported->body, sizeof reported->body, "%s", response->body);
    const char *value =
        reported->wanted != NULL ? http_header_value(response, reported->wanted) : NULL;
    snprintf(reported->header, sizeof reported->header, "%s", value != NULL ? value : "(none)");
}

void http_case_serve(peer_fn fn)
{
    if (http_case.peer != NULL)
        peer_free(http_case.peer);
    http_case.peer = peer_new(http_case.loop, fn, NULL);
    snprintf(http_case.url, sizeof http_case.url, "http://127.0.0.1:%d/",
             peer_port(http_case.peer));
}

void http_case_reopen(const struct http_options *options)
{
    http_free(http_case.http);
    http_case.http = http_new(http_case.loop, options);
    http_case.transport = http_transport_of(http_case.http);
}

/* The machine's own proxies would be between the transport and the peer. */
static void forget_proxies(void)
{
    static const char *const names[] = {"http_proxy",  "HTTP_PROXY", "https_proxy",
                                        "HTTPS_PROXY", "all_proxy",  "ALL_PROXY",
                                        "no_proxy",    "NO_PROXY",   "REQUEST_METHOD"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unsetenv(names[i]);
}

int http_case_open(void **state)
{
    static const struct http_options options = {.user_agent = "tester/1"};
    (void)state;
    forget_proxies();
    memset(&http_case, 0, sizeof http_case);
    http_case.answer = OK_EMPTY;
    http_case.loop = loop_new();
    http_case_reopen(&options);
    http_case_serve(on_request);
    return 0;
}

int http_case_close(void **state)
{
    (void)state;
    http_free(http_case.http);
    peer_free(http_case.peer);
    loop_free(http_case.loop);
    return 0;
}

struct http_transfer *http_case_start(const struct http_request *request)
{
    struct http_request whole = *request;
    if (whole.url == NULL)
        whole.url = http_case.url;
    int before = http_case.reported.calls;
    struct http_transfer *transfer =
        http_case.transport.start(http_case.transport.self, &whole, on_done, &http_case.reported);
    assert_int_equal(http_case.reported.calls, before); /* never called within start */
    return transfer;
}

void http_case_run(const struct http_request *request)
{
    struct reported *reported = &http_case.reported;
    int before = reported->calls;
    reported->err = (struct err){0};
    reported->status = 0;
    http_case_start(request);
    loop_run(http_case.loop);
    assert_int_equal(reported->calls, before + 1);
}

void http_case_get(void)
{
    http_case_run(&(struct http_request){.method = "GET"});
}
