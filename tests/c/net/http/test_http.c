/* The HTTP transport with a server on the same loop: what is sent, what is received, and that a
 * change is sent once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/http_case.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, http_case_open, http_case_close)

static void test_get(void **state)
{
    (void)state;
    http_case.answer = "HTTP/1.1 404 Not Found\r\nX-One: 1\r\nX-TWO:   two words \t\r\nX-Empty:\r\n"
                       "Content-Length: 5\r\n\r\nhello";
    http_case.reported.wanted = "x-two";
    http_case_get();
    assert_int_equal(http_case.reported.status, 404);
    assert_string_equal(http_case.reported.body, "hello");
    assert_int_equal(http_case.reported.body_length, 5);
    assert_string_equal(http_case.reported.header, "two words");
    char want[200];
    snprintf(want, sizeof want,
             "GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: tester/1\r\n\r\n",
             peer_port(http_case.peer));
    assert_string_equal(http_case.seen, want);
}

static void test_headers_sent(void **state)
{
    static const struct http_header headers[] = {
        {"X-Plain", "a  b"},      {"X-Empty", ""},          {"Accept", "text/xml"},
        {"Host", "evil"},         {"Content-Length", "99"}, {"Authorization", "AWS4 x=y;z, q"},
        {"X-Twice", "1"},         {"X-Twice", "2"},         {"User-Agent", "mine"},
        {"X-Unicode", "\xc3\xa9"}};
    (void)state;
    http_case_run(&(struct http_request){.method = "GET", .headers = headers, .header_count = 10});
    assert_non_null(strstr(http_case.seen,
                           "\r\nX-Plain: a  b\r\nX-Empty:\r\nAccept: text/xml\r\n"
                           "Authorization: AWS4 x=y;z, q\r\nX-Twice: 1\r\nX-Twice: 2\r\n"));
    assert_non_null(strstr(http_case.seen, "User-Agent: mine\r\n"));
    assert_non_null(strstr(http_case.seen, "X-Unicode: \xc3\xa9\r\n"));
    assert_null(strstr(http_case.seen, "evil"));
    assert_null(strstr(http_case.seen, "tester"));
    assert_null(strstr(http_case.seen, "Content-Length"));
}

static void test_post(void **state)
{
    static const struct http_header type = {"Content-Type", "application/json"};
    (void)state;
    http_case_run(&(struct http_request){.method = "POST",
                                         .headers = &type,
                                         .header_count = 1,
                                         .body = "{\"a\":1}",
                                         .body_length = 7});
    assert_int_equal(strncmp(http_case.seen, "POST / HTTP/1.1\r\n", 17), 0);
    assert_non_null(strstr(http_case.seen, "\r\nContent-Type: application/json\r\n"));
    assert_non_null(strstr(http_case.seen, "\r\nContent-Length: 7\r\n"));
    assert_non_null(strstr(http_case.seen, "\r\n\r\n{\"a\":1}"));
}

static void test_body_without_type(void **state)
{
    (void)state;
    http_case_run(&(struct http_request){.method = "POST", .body = "x", .body_length = 1});
    assert_null(strstr(http_case.seen, "Content-Type"));
    assert_null(strstr(http_case.seen, "Accept"));
}

/* One handle serves all of them in turn, so that leftovers of one would show in the next. */
static void test_methods(void **state)
{
    static const struct {
        const char *method;
        const char *body;
        const char *line;
        const char *length; /* NULL: no such header */
    } cases[] = {
        {"PUT", "abc", "PUT / ", "Content-Length: 3\r\n"},
        {"GET", "", "GET / ", NULL},
        {"DELETE", "", "DELETE / ", "Content-Length: 0\r\n"},
        {"HEAD", "", "HEAD / ", NULL},
        {"POST", "", "POST / ", "Content-Length: 0\r\n"},
        {"GET", "q", "GET / ", "Content-Length: 1\r\n"},
        {"PATCH", "{}", "PATCH / ", "Content-Length: 2\r\n"},
        {"HEAD", "", "HEAD / ", NULL},
        {"GET", "", "GET / ", NULL},
        {"OPTIONS", "", "OPTIONS / ", NULL},
        {"PUT", "", "PUT / ", "Content-Length: 0\r\n"},
        {"DELETE", "z", "DELETE / ", "Content-Length: 1\r\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        http_case_run(&(struct http_request){.method = cases[i].method,
                                             .body = cases[i].body,
                                             .body_length = strlen(cases[i].body)});
        assert_int_equal(http_case.reported.status, 200);
        assert_int_equal(strncmp(http_case.seen, cases[i].line, strlen(cases[i].line)), 0);
        if (cases[i].length != NULL)
            assert_non_null(strstr(http_case.seen, cases[i].length));
        else
            assert_null(strstr(http_case.seen, "Content-Length"));
        assert_string_equal(strstr(http_case.seen, "\r\n\r\n") + 4, cases[i].body);
    }
    assert_int_equal(peer_connections(http_case.peer), 1);
}

static void test_head_has_no_body(void **state)
{
    (void)state;
    http_case.answer = "HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n";
    http_case_run(&(struct http_request){.method = "HEAD", .max_response = 10});
    assert_int_equal(http_case.reported.status, 200);
    assert_int_equal(http_case.reported.body_length, 0);
}

static void test_url_is_raw(void **state)
{
    static const char *const paths[] = {"/a/../b/./c", "//x//y",        "/%2f%2F%7e%zz",
                                        "/a+b%20c",    "/?a=b&c=%2F&d", "/key'(1)!*;:@=&,$",
                                        "/?x=../y"};
    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        char whole[256];
        char want[256];
        snprintf(whole, sizeof whole, "http://127.0.0.1:%d%s", peer_port(http_case.peer), paths[i]);
        snprintf(want, sizeof want, "GET %s HTTP/1.1\r\n", paths[i]);
        http_case_run(&(struct http_request){.method = "GET", .url = whole});
        assert_int_equal(strncmp(http_case.seen, want, strlen(want)), 0);
    }
}

static void test_redirect_is_an_answer(void **state)
{
    (void)state;
    http_case.answer = "HTTP/1.1 301 Moved\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n";
    http_case.reported.wanted = "location";
    http_case_get();
    assert_int_equal(http_case.reported.status, 301);
    assert_string_equal(http_case.reported.header, "/elsewhere");
    assert_int_equal(peer_requests(http_case.peer), 1);
}

static void test_interim_answer(void **state)
{
    (void)state;
    http_case.answer = "HTTP/1.1 100 Continue\r\nX-Early: yes\r\n\r\n"
                       "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    http_case.reported.wanted = "x-early";
    http_case_get();
    assert_int_equal(http_case.reported.status, 200);
    assert_string_equal(http_case.reported.header, "(none)");
    assert_string_equal(http_case.reported.body, "ok");
}

static void test_chunked_and_folded(void **state)
{
    (void)state;
    http_case.answer = "HTTP/1.1 200 OK\r\nX-Long: one\r\n  two\r\n\tthree \r\n"
                       "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n";
    http_case.reported.wanted = "x-long";
    http_case_get();
    assert_string_equal(http_case.reported.body, "abcdefg");
    assert_string_equal(http_case.reported.header, "one two three");
}

static void test_until_close(void **state)
{
    (void)state;
    http_case.answer = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\nend";
    http_case_get();
    http_case_get();
    assert_string_equal(http_case.reported.body, "end");
    assert_int_equal(peer_connections(http_case.peer), 2);
}

static void test_large_body(void **state)
{
    enum { SIZE = 3 << 20 };
    char *body = mem_alloc(SIZE);
    (void)state;
    memset(body, 'x', SIZE);
    http_case_run(&(struct http_request){.method = "PUT", .body = body, .body_length = SIZE});
    mem_free(body);
    assert_int_equal(http_case.reported.status, 200);
    assert_null(strstr(http_case.seen, "Expect"));
}

static void test_many_at_once(void **state)
{
    (void)state;
    for (int i = 0; i < 150; i++)
        http_case_start(&(struct http_request){.method = "GET"});
    loop_run(http_case.loop);
    assert_int_equal(http_case.reported.calls, 150);
    int connections = peer_connections(http_case.peer);
    for (int i = 0; i < 150; i++)
        http_case_start(&(struct http_request){.method = "GET"});
    loop_run(http_case.loop);
    assert_int_equal(http_case.reported.calls, 300);
    assert_int_equal(peer_connections(http_case.peer),
                     connections); /* all connections were kept, and no new one was opened */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_get),
        TEST(test_headers_sent),
        TEST(test_post),
        TEST(test_body_without_type),
        TEST(test_methods),
        TEST(test_head_has_no_body),
        TEST(test_url_is_raw),
        TEST(test_redirect_is_an_answer),
        TEST(test_interim_answer),
        TEST(test_chunked_and_folded),
        TEST(test_until_close),
        TEST(test_large_body),
        TEST(test_many_at_once),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
