/* Many responses at the same time: when the limit is reached, further ones wait at their senders,
 * and all arrive. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "net/http/http_internal.h"
#include "support/http_case.h"

#define TRANSFERS 8
#define BODY 32000
#define FIRST 20000
#define HELD 64000

static struct peer_connection *connections[TRANSFERS];
static int asked, arrived;
static char bytes[BODY];

static void send_first(void *arg, const struct peer_request *request)
{
    char head[100];
    (void)arg;
    snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", BODY);
    peer_send(request, head);
    peer_send_bytes(request->connection, bytes, FIRST);
    connections[asked++] = request->connection;
}

static void on_done(void *arg, const struct http_response *response, const struct err *err)
{
    (void)arg;
    if (err != NULL)
        fail_msg("%s", err->message);
    assert_int_equal(response->body_length, BODY);
    assert_memory_equal(response->body, bytes, BODY);
    arrived++;
}

/* Runs turns until nothing happens for a while; returns the most that was held meanwhile. */
static size_t turn(int turns)
{
    size_t most = 0;
    while (turns-- > 0 && arrived < TRANSFERS) {
        loop_turn(http_case.loop, 5);
        most = http_case.http->held > most ? http_case.http->held : most;
    }
    return most;
}

static void holds_no_more_than_it_may(void **state)
{
    (void)state;
    asked = arrived = 0;
    memset(bytes, 'x', sizeof bytes);
    http_case_reopen(&(struct http_options){.max_held = HELD});
    http_case_serve(send_first);
    for (int i = 0; i < TRANSFERS; i++) {
        const struct http_request request = {
            .method = "GET", .url = http_case.url, .idle_timeout_ms = 20000};
        http_case.transport.start(http_case.transport.self, &request, on_done, NULL);
    }
    size_t most = turn(200);
    assert_int_equal(asked, TRANSFERS);
    assert_int_equal(arrived, 0);
    assert_in_range(most, FIRST, HELD + BODY);
    for (int i = 0; i < TRANSFERS; i++)
        peer_send_bytes(connections[i], bytes + FIRST, BODY - FIRST);
    most = turn(2000);
    assert_int_equal(arrived, TRANSFERS);
    assert_in_range(most, FIRST, HELD + BODY);
    assert_int_equal(http_case.http->held, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(holds_no_more_than_it_may, http_case_open, http_case_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
