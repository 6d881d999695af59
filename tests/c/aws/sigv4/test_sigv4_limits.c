#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "aws/sigv4/sigv4.h"
#include "aws/sigv4/sigv4_canonical.h"
#include "aws/sigv4/sigv4_keys.h"
#include "base/mem.h"

#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

static const struct sigv4_key key = {.access_key = "AKIDEXAMPLE", .secret_key = SECRET};

static struct sigv4_request vanilla(void)
{
    return (struct sigv4_request){
        .method = "GET",
        .host = "example.amazonaws.com",
        .path = "/",
        .query = "",
        .region = "us-east-1",
        .service = "service",
        .time_ms = 1440938160000,
        .normalize_path = true,
        .encode_path = true,
    };
}

static void check_query(const char *query, const char *expected)
{
    struct sigv4_request request = vanilla();
    struct buf canonical, names;
    struct err err = {0};
    char line[256];
    request.query = query;
    buf_init(&canonical, SIGV4_MAX);
    buf_init(&names, SIGV4_MAX);
    assert_int_equal(sigv4_canonical_request(&request, &key, &canonical, &names, &err), 0);
    snprintf(line, sizeof line, "GET\n/\n%s\nhost:", expected);
    assert_memory_equal(buf_text(&canonical), line, strlen(line));
    buf_clear(&canonical);
    buf_clear(&names);
}

static void test_queries_are_recoded(void **state)
{
    (void)state;
    check_query("a=%7e%2f&%61=b", "a=b&a=~%2F");
    check_query("a=b+c", "a=b%2Bc");
    check_query("a=b c", "a=b%20c");
    check_query("a=100%&b=%zz&c=%4", "a=100%25&b=%25zz&c=%254");
    check_query("a=b=c", "a=b%3Dc");
    check_query("\xe1\x88\xb4", "%E1%88%B4=");
    check_query("=", "=");
    check_query("b&a=&a", "a=&a=&b=");
    check_query("a=\xff%FF", "a=%FF%FF");
}

/* Values that must not be sent, or that would change what is signed. */

static void check_refused(const struct sigv4_request *request, const struct sigv4_key *with,
                          enum err_kind kind)
{
    struct sigv4_result result;
    struct err err = {0};
    sigv4_result_init(&result);
    assert_int_equal(sigv4_sign(request, with, &result, &err), -1);
    assert_int_equal(err.kind, kind);
    assert_true(err.message[0] != '\0');
    assert_null(strstr(err.message, "wJalr"));
    assert_null(strstr(err.message, "hidden"));
    assert_int_equal(result.header_count, 0);
    sigv4_result_clear(&result);
}

static void check_header_refused(const char *name, const char *value)
{
    struct sigv4_request request = vanilla();
    const struct http_header header = {name, value};
    request.headers = &header;
    request.header_count = 1;
    check_refused(&request, &key, ERR_PARAM);
}

static void test_headers_refused(void **state)
{
    (void)state;
    check_header_refused("a", "b\nx-amz-acl: public-read");
    check_header_refused("a", "b\r\nx: y");
    check_header_refused("a", "b\r");
    check_header_refused("a", "b\n");
    check_header_refused("a", "\n");
    check_header_refused("a", "b\x01");
    check_header_refused("a", "b\x7f");
    check_header_refused("", "b");
    check_header_refused("a b", "c");
    check_header_refused("a:", "b");
    check_header_refused("a\n", "b");
    check_header_refused("\xc3\xa9", "b");
}

static void test_requests_refused(void **state)
{
    (void)state;
    struct sigv4_request request = vanilla();
    request.method = "GET /\n";
    check_refused(&request, &key, ERR_PARAM);
    request = vanilla();
    request.host = "a\r\nb";
    check_refused(&request, &key, ERR_PARAM);
    request = vanilla();
    request.region = "us-east-1/s3";
    check_refused(&request, &key, ERR_PARAM);
    request = vanilla();
    request.service = "";
    check_refused(&request, &key, ERR_PARAM);
    request = vanilla();
    request.payload_hash = "a\nb";
    check_refused(&request, &key, ERR_PARAM);
    request = vanilla();
    request.normalize_path = request.encode_path = false;
    request.path = "/a\nb";
    check_refused(&request, &key, ERR_PARAM);
    request.path = "/a?b";
    check_refused(&request, &key, ERR_PARAM);
}

static void test_keys_refused(void **state)
{
    (void)state;
    struct sigv4_request request = vanilla();
    struct sigv4_key bad = key;
    bad.access_key = "";
    check_refused(&request, &bad, ERR_CREDS);
    bad.access_key = "AKID, hidden";
    check_refused(&request, &bad, ERR_CREDS);
    bad = key;
    bad.secret_key = "";
    check_refused(&request, &bad, ERR_CREDS);
    bad = key;
    bad.session_token = "hidden\ntoken";
    check_refused(&request, &bad, ERR_CREDS);
}

static void test_limits(void **state)
{
    (void)state;
    struct sigv4_request request = vanilla();
    struct http_header headers[200];
    for (size_t i = 0; i < 200; i++)
        headers[i] = (struct http_header){"a", "b"};
    request.headers = headers;
    request.header_count = 200;
    check_refused(&request, &key, ERR_LIMIT);
    char *text = mem_alloc(SIGV4_MAX + 2);
    memset(text, '/', SIGV4_MAX + 1);
    request = vanilla();
    request.normalize_path = false;
    request.path = text;
    check_refused(&request, &key, ERR_LIMIT);
    memset(text, 'a', SIGV4_MAX + 1);
    request = vanilla();
    request.query = text;
    check_refused(&request, &key, ERR_LIMIT);
    memset(text, '&', SIGV4_MAX + 1);
    check_refused(&request, &key, ERR_LIMIT);
    mem_free(text);
}

static void check_presign_refused(int64_t expires, const char *query)
{
    struct sigv4_request request = vanilla();
    struct sigv4_result result;
    struct err err = {0};
    request.expires = expires;
    request.query = query;
    sigv4_result_init(&result);
    assert_int_equal(sigv4_presign(&request, &key, &result, &err), -1);
    assert_int_equal(err.kind, ERR_PARAM);
    sigv4_result_clear(&result);
}

static void test_presign_refused(void **state)
{
    (void)state;
    check_presign_refused(0, "");
    check_presign_refused(-1, "");
    check_presign_refused(604801, "");
    check_presign_refused(60, "a=b&x-amz-signature=00");
    check_presign_refused(60, "X-Amz-Credential");
}

/* Keys are cached by every value from which they are derived. */

static void sign_as(const char *secret, const char *region, const char *service, int64_t day,
                    char out[SHA256_HEX])
{
    struct sigv4_request request = vanilla();
    struct sigv4_key with = {.access_key = "A", .secret_key = secret};
    request.region = region;
    request.service = service;
    request.time_ms += day * 86400000;
    sigv4_signature(&request, &with, "text", 4, out);
}

static void test_key_cache(void **state)
{
    (void)state;
    static const struct {
        const char *secret, *region, *service;
        int64_t day;
    } parts[] = {{"s", "r", "v", 0},  {"t", "r", "v", 0}, {"s", "rr", "v", 0},
                 {"s", "r", "vv", 0}, {"s", "rv", "", 0}, {"s", "r", "v", 1}};
    enum { COUNT = sizeof parts / sizeof *parts };
    char first[COUNT][SHA256_HEX], again[SHA256_HEX];
    for (size_t i = 0; i < COUNT; i++) {
        sigv4_forget();
        sign_as(parts[i].secret, parts[i].region, parts[i].service, parts[i].day, first[i]);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(first[i], first[j]);
    }
    for (size_t i = 0; i < COUNT * 2; i++) {
        size_t j = i % COUNT;
        sign_as(parts[j].secret, parts[j].region, parts[j].service, parts[j].day, again);
        assert_string_equal(first[j], again);
    }
}

/* More secrets than slots, and one that is too long for any slot. */
static void test_many_keys(void **state)
{
    (void)state;
    char secret[600], first[SHA256_HEX], again[SHA256_HEX];
    for (int i = 0; i < 1000; i++) {
        snprintf(secret, sizeof secret, "secret%d", i);
        sign_as(secret, "r", "v", 0, first);
        sign_as(secret, "r", "v", 0, again);
        assert_string_equal(first, again);
    }
    memset(secret, 's', sizeof secret - 1);
    secret[sizeof secret - 1] = '\0';
    sign_as(secret, "r", "v", 0, first);
    secret[sizeof secret - 2] = 't';
    sign_as(secret, "r", "v", 0, again);
    assert_string_not_equal(first, again);
    sigv4_forget();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_queries_are_recoded),
        cmocka_unit_test(test_headers_refused),
        cmocka_unit_test(test_requests_refused),
        cmocka_unit_test(test_keys_refused),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_presign_refused),
        cmocka_unit_test(test_key_cache),
        cmocka_unit_test(test_many_keys),
    };
    mem_install();
    return cmocka_run_group_tests_name("sigv4_limits", tests, NULL, NULL);
}
