/* Slow responses: how long they may take, and how much must arrive in that time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

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

static struct {
    struct peer_connection *connection;
    int left;
} drip;

static void drip_byte(void *arg)
{
    (void)arg;
    peer_send_bytes(drip.connection, "x", 1);
    if (--drip.left > 0)
        loop_after(http_case.loop, 60, drip_byte, NULL);
}

static void on_drip_request(void *arg, const struct peer_request *request)
{
    (void)arg;
    drip.connection = request->connection;
    drip.left = 12;
    peer_send(request, "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n");
    loop_after(http_case.loop, 60, drip_byte, NULL);
}

/* 720 ms in all, but never 600 ms without a byte: bytes that arrive extend the time. */
static void test_progress_is_not_idle(void **state)
{
    (void)state;
    http_case_serve(on_drip_request);
    http_case_run(&(struct http_request){.method = "GET", .idle_timeout_ms = 600});
    assert_int_equal(http_case.reported.status, 200);
    assert_string_equal(http_case.reported.body, "xxxxxxxxxxxx");
}

static void drip_piece(void *arg)
{
    static const char piece[1000];
    peer_send_bytes(drip.connection, piece, sizeof piece);
    if (--drip.left > 0)
        loop_after(http_case.loop, 20, drip_piece, arg);
}

static void on_pieces_request(void *arg, const struct peer_request *request)
{
    (void)arg;
    drip.connection = request->connection;
    drip.left = 40;
    peer_send(request, "HTTP/1.1 200 OK\r\nContent-Length: 40000\r\n\r\n");
    loop_after(http_case.loop, 20, drip_piece, NULL);
}

static void on_long_drip_request(void *arg, const struct peer_request *request)
{
    (void)arg;
    drip.connection = request->connection;
    drip.left = 60;
    peer_send(request, "HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n");
    loop_after(http_case.loop, 20, drip_byte, NULL);
}

/* After its idle time a response must bring 1 KiB per second: an occasional byte does not keep the
 * connection forever, while a response that is only long may take long. */
static void test_slow_answer(void **state)
{
    (void)state;
    http_case_serve(on_long_drip_request);
    http_case_run(&(struct http_request){.method = "GET", .idle_timeout_ms = 300});
    expect_fault(ERR_TIMEOUT, true, "less than 1 KiB a second");
    http_case_serve(on_pieces_request);
    http_case_run(&(struct http_request){.method = "GET", .idle_timeout_ms = 300});
    assert_int_equal(http_case.reported.status, 200);
}

static void test_total_timeout(void **state)
{
    (void)state;
    http_case_serve(on_drip_request);
    http_case_run(&(struct http_request){.method = "GET", .total_timeout_ms = 500});
    expect_fault(ERR_TIMEOUT, true, "no complete response from 127.0.0.1:");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_progress_is_not_idle),
        TEST(test_slow_answer),
        TEST(test_total_timeout),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
