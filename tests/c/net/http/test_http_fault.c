/* What can go wrong with a transfer: each kind of failure says what happened and whether the
 * request may have been sent, and contains no secret. And a change is sent at most once. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "support/http_case.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, http_case_open, http_case_close)

static void expect_fault(enum err_kind kind, bool sent, const char *text)
{
    const struct err *err = &http_case.reported.err;
    assert_int_equal(http_case.reported.status, 0);
    if (err->kind != kind || strstr(err->message, text) == NULL)
        fail_msg("%s: %s", err_kind_name(err->kind), err->message);
    assert_int_equal(err->status, sent ? 1 : 0);
    assert_string_equal(err->code, "");
}

/* A descriptor bound to a port of 127.0.0.1, on which `backlog` connections may wait; -1: nobody
 * listens. */
static int bound_socket(int backlog, int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    if (backlog >= 0)
        assert_int_equal(listen(fd, backlog), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

static void point_to(int port)
{
    snprintf(http_case.url, sizeof http_case.url, "http://127.0.0.1:%d/p?X-Amz-Signature=hidden",
             port);
}

static void test_refused(void **state)
{
    int port;
    int fd = bound_socket(-1, &port);
    char want[100];
    (void)state;
    point_to(port);
    http_case_run(&(struct http_request){.method = "GET"});
    snprintf(want, sizeof want, "could not connect to 127.0.0.1:%d: Connection refused", port);
    expect_fault(ERR_NET, false, want);
    assert_null(strstr(http_case.reported.err.message, "hidden"));
    close(fd);
}

/* getrlimit(2): one file more than the limit fails with EMFILE. */
static void test_no_descriptor(void **state)
{
    struct rlimit usual, none;
    int port;
    int fd = bound_socket(1, &port);
    (void)state;
    point_to(port);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &usual), 0);
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = usual.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    http_case_run(&(struct http_request){.method = "GET"});
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &usual), 0);
    expect_fault(ERR_NET, false, "has reached its limit of open files: raise it (ulimit -n)");
    close(fd);
}

static void test_resolve(void **state)
{
    (void)state;
    http_case_run(&(struct http_request){.method = "GET", .url = "http://a..b/?k=hidden"});
    expect_fault(ERR_NET, false, "could not resolve a..b: check the name");
}

static void test_connect_timeout(void **state)
{
    int port;
    int fd = bound_socket(0, &port);
    int waiting[8];
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    (void)state;
    /* A full backlog drops further attempts, as a firewall does. */
    for (size_t i = 0; i < 8; i++) {
        waiting[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        connect(waiting[i], (struct sockaddr *)&address, sizeof address);
    }
    point_to(port);
    http_case_run(&(struct http_request){.method = "GET", .connect_timeout_ms = 60});
    expect_fault(ERR_TIMEOUT, false, "within 60 ms");
    http_case_run(&(struct http_request){.method = "GET", .idle_timeout_ms = 60});
    expect_fault(ERR_TIMEOUT, false, "could not be connected to for 60 ms");
    http_case_run(&(struct http_request){.method = "GET", .total_timeout_ms = 60});
    expect_fault(ERR_TIMEOUT, false, "within 60 ms");
    for (size_t i = 0; i < 8; i++)
        close(waiting[i]);
    close(fd);
}

static void test_idle_timeout(void **state)
{
    (void)state;
    http_case.answer = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc";
    int64_t start = clock_mono_ms();
    http_case_run(&(struct http_request){.method = "GET", .idle_timeout_ms = 500});
    expect_fault(ERR_TIMEOUT, true, "sent nothing for 500 ms");
    assert_in_range(clock_mono_ms() - start, 499, 20000);
}

/* The shorter time limit of a later transfer counts, and each transfer has its own. */
static void test_idle_of_several(void **state)
{
    (void)state;
    http_case.answer = NULL;
    http_case_start(&(struct http_request){.method = "GET", .idle_timeout_ms = 1500});
    http_case_start(&(struct http_request){.method = "GET", .idle_timeout_ms = 500});
    http_case_start(&(struct http_request){.method = "GET", .idle_timeout_ms = 500});
    while (http_case.reported.calls < 2)
        loop_turn(http_case.loop, -1);
    assert_int_equal(http_case.reported.calls, 2);
    expect_fault(ERR_TIMEOUT, true, "sent nothing for 500 ms");
    loop_run(http_case.loop);
    assert_int_equal(http_case.reported.calls, 3);
    expect_fault(ERR_TIMEOUT, true, "sent nothing for 1500 ms");
}

static void test_limits(void **state)
{
    (void)state;
    http_case.answer = "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n12345678901";
    http_case_run(&(struct http_request){.method = "GET", .max_response = 10});
    expect_fault(ERR_LIMIT, true, "more than 10 bytes");
    http_case_run(&(struct http_request){.method = "GET", .max_response = 11});
    assert_int_equal(http_case.reported.status, 200);
    http_case.answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "6\r\nabcdef\r\n6\r\nabcdef\r\n0\r\n\r\n";
    http_case_run(&(struct http_request){.method = "GET", .max_response = 10});
    expect_fault(ERR_LIMIT, true, "more than 10 bytes");
}

/* First many lines, then one that never ends. */
static void on_request_for_headers(void *arg, const struct peer_request *request)
{
    char line[20000];
    (void)arg;
    memset(line, 'h', sizeof line);
    memcpy(line, "X-Many: ", 8);
    memcpy(line + sizeof line - 3, "\r\n", 3);
    peer_send(request, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < (request->number == 1 ? 80 : 8000); i++)
        peer_send(request, request->number == 1 ? line : "X: 0123456789012345678901234567890");
    peer_send(request, "\r\n");
}

static void test_too_many_headers(void **state)
{
    (void)state;
    http_case_serve(on_request_for_headers);
    http_case_run(&(struct http_request){.method = "GET"});
    expect_fault(ERR_LIMIT, true, "returned more than 131072 bytes");
    http_case_run(&(struct http_request){.method = "GET"});
    expect_fault(ERR_LIMIT, true, "returned a header that is too long");
}

static void cut_off(void *arg, const struct peer_request *request)
{
    (void)arg;
    if (http_case.answer != NULL)
        peer_send(request, http_case.answer);
    peer_close(request->connection);
}

static void test_cut_off(void **state)
{
    (void)state;
    http_case_serve(cut_off);
    http_case.answer = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf";
    http_case_get();
    expect_fault(ERR_NET, true, "closed the connection in the middle of its response");
    http_case.answer = NULL;
    http_case_get();
    expect_fault(ERR_NET, true, "closed the connection without a response");
    http_case.answer = "220 mail.example.com ESMTP\r\n";
    http_case_get();
    expect_fault(ERR_NET, true, "returned something that is not HTTP/1.1");
}

static void reset(void *arg, const struct peer_request *request)
{
    (void)arg;
    peer_reset(request->connection);
}

static void test_reset(void **state)
{
    (void)state;
    http_case_serve(reset);
    http_case_get();
    expect_fault(ERR_NET, true, "broke the connection: Connection reset by peer");
    assert_int_equal(peer_requests(http_case.peer), 1);
}

/* The first request of a connection is answered, the next ones are reset. */
static void reset_kept_alive(void *arg, const struct peer_request *request)
{
    (void)arg;
    if (request->nth == 1 && request->number <= 1)
        peer_send(request, OK_EMPTY);
    else
        peer_reset(request->connection);
}

static void test_libcurl_sends_again(void **state)
{
    (void)state;
    http_case_serve(reset_kept_alive);
    http_case_get();
    http_case_get();
    /* One request is answered, one is sent on the kept connection, and the same again on a new one.
     * */
    assert_int_equal(peer_requests(http_case.peer), 3);
    expect_fault(ERR_NET, true, "127.0.0.1");
}

static void test_once_is_once(void **state)
{
    (void)state;
    http_case_serve(reset_kept_alive);
    http_case_get();
    assert_int_equal(http_case.reported.status, 200);
    http_case_run(
        &(struct http_request){.method = "POST", .body = "change", .body_length = 6, .once = true});
    assert_int_equal(peer_requests(http_case.peer), 2);
    assert_int_equal(peer_connections(http_case.peer), 2);
    expect_fault(ERR_NET, true, "127.0.0.1");
}

static void test_once_with_many(void **state)
{
    (void)state;
    http_case_serve(reset_kept_alive);
    http_case_get();
    for (int i = 0; i < 100; i++)
        http_case_start(&(struct http_request){.method = "PUT", .once = true});
    loop_run(http_case.loop);
    assert_int_equal(peer_requests(http_case.peer), 101);
    assert_int_equal(http_case.reported.calls, 101);
}

static void test_not_http(void **state)
{
    (void)state;
    http_case_run(&(struct http_request){.method = "GET", .url = "file:///etc/passwd"});
    expect_fault(ERR_NET, false, "only http and https URLs can be called");
    http_case_run(&(struct http_request){.method = "GET", .url = "http://"});
    expect_fault(ERR_NET, false, "the server: ");
}

static void test_refusals(void **state)
{
    static const struct http_header bad[] = {
        {"X-A", "1\r\nX-B: 2"}, {"X-A\n", "1"}, {"X-A:", "1"}, {"", "1"}, {"X A", "1"}};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        http_case_run(
            &(struct http_request){.method = "GET", .headers = &bad[i], .header_count = 1});
        expect_fault(ERR_NET, false,
                     "cannot be sent: a header is too long, or contains a line break");
    }
    char *url = mem_alloc((1u << 20) + 1);
    memset(url, 'u', 1u << 20);
    http_case_run(&(struct http_request){.method = "GET", .url = url});
    mem_free(url);
    expect_fault(ERR_NET, false, "cannot be sent: its URL is too long");
    assert_int_equal(peer_connections(http_case.peer), 0);
}

static struct http_transfer *victims[3];

static void cancel_all(void)
{
    for (size_t i = 0; i < 3; i++)
        http_case.transport.cancel(http_case.transport.self, victims[i]);
}

static void cancel_all_that_arrived(void *arg)
{
    (void)arg;
    if (peer_requests(http_case.peer) < 3)
        loop_after(http_case.loop, 5, cancel_all_that_arrived, NULL);
    else
        cancel_all();
}

static void test_cancel(void **state)
{
    static const struct http_header bad = {"", ""};
    (void)state;
    http_case.answer = NULL;
    victims[0] = http_case_start(&(struct http_request){.method = "GET"});
    victims[1] = http_case_start(&(struct http_request){.method = "GET"});
    victims[2] = http_case_start(&(struct http_request){.method = "GET"});
    loop_after(http_case.loop, 5, cancel_all_that_arrived, NULL);
    loop_run(http_case.loop);
    assert_int_equal(http_case.reported.calls, 0);
    assert_int_equal(peer_requests(http_case.peer), 3);
    for (size_t i = 0; i < 3; i++) /* before anything was sent; one of them cannot be sent */
        victims[i] = http_case_start(&(struct http_request){
            .method = "GET", .headers = &bad, .header_count = i == 1 ? 1 : 0});
    cancel_all();
    loop_run(http_case.loop);
    assert_int_equal(http_case.reported.calls, 0);
    http_case.answer = OK_EMPTY;
    http_case_get();
    assert_int_equal(http_case.reported.status, 200);
}

static void test_free_in_flight(void **state)
{
    static const struct http_options options = {.user_agent = NULL};
    (void)state;
    http_case.answer = NULL;
    http_case_start(&(struct http_request){.method = "GET"});
    http_case_start(&(struct http_request){.method = "GET"});
    for (int i = 0; i < 5; i++)
        loop_turn(http_case.loop, 10);
    http_case_reopen(&options);
    loop_run(http_case.loop); /* nothing is left */
    assert_int_equal(http_case.reported.calls, 0);
    http_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_refused),
        TEST(test_resolve),
        TEST(test_connect_timeout),
        TEST(test_idle_timeout),
        TEST(test_idle_of_several),
        TEST(test_limits),
        TEST(test_too_many_headers),
        TEST(test_cut_off),
        TEST(test_reset),
        TEST(test_libcurl_sends_again),
        TEST(test_once_is_once),
        TEST(test_once_with_many),
        TEST(test_not_http),
        TEST(test_refusals),
        TEST(test_cancel),
        TEST(test_free_in_flight),
        TEST(test_no_descriptor),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
