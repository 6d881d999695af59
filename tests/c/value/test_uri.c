/* URIs: percent-encoding as SigV4 requires it, and which URLs can be called. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "value/uri.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void expect_encoded(const char *bytes, size_t length, bool keep_slash, const char *want)
{
    struct buf out;
    buf_init(&out, 4096);
    assert_int_equal(uri_encode(&out, bytes, length, keep_slash), 0);
    assert_string_equal(buf_text(&out), want);
    buf_clear(&out);
}

static void test_encode(void **state)
{
    (void)state;
    expect_encoded("", 0, false, "");
    expect_encoded("AZaz09-._~", 10, false, "AZaz09-._~");
    expect_encoded("/a/b", 4, false, "%2Fa%2Fb");
    expect_encoded("/a/b", 4, true, "/a/b");
    expect_encoded(" +%&=?#*'", 9, true, "%20%2B%25%26%3D%3F%23%2A%27");
    expect_encoded("\xe2\x82\xac\xff", 4, false, "%E2%82%AC%FF");
    expect_encoded("a\0b", 3, false, "a%00b");
}

static void expect_decoded(const char *text, const char *want, size_t length)
{
    struct buf out;
    buf_init(&out, 4096);
    assert_int_equal(uri_decode(&out, text, strlen(text)), 0);
    assert_int_equal(out.len, length);
    assert_memory_equal(buf_text(&out), want, length);
    buf_clear(&out);
}

static void test_decode(void **state)
{
    (void)state;
    expect_decoded("", "", 0);
    expect_decoded("a+b%20c%2f%2F", "a+b c//", 7);
    expect_decoded("%7B%22a%22%7d", "{\"a\"}", 5);
    expect_decoded("%", "%", 1);
    expect_decoded("%2", "%2", 2);
    expect_decoded("%zz%4", "%zz%4", 5);
    expect_decoded("%4g%41", "%4gA", 4);
    expect_decoded("%00x", "\0x", 2);
    expect_decoded("%25%2541", "%%41", 4);
}

/* Every byte comes back. */
static void test_round_trip(void **state)
{
    char bytes[256];
    struct buf encoded;
    struct buf decoded;
    (void)state;
    for (int i = 0; i < 256; i++)
        bytes[i] = (char)i;
    buf_init(&encoded, 4096);
    buf_init(&decoded, 4096);
    assert_int_equal(uri_encode(&encoded, bytes, 256, false), 0);
    assert_int_equal(encoded.len, 66 + 190 * 3);
    assert_int_equal(uri_decode(&decoded, encoded.data, encoded.len), 0);
    assert_int_equal(decoded.len, 256);
    assert_memory_equal(decoded.data, bytes, 256);
    buf_clear(&encoded);
    buf_clear(&decoded);
}

static void test_full_buffers(void **state)
{
    struct buf out;
    (void)state;
    buf_init(&out, 5);
    assert_int_equal(uri_encode(&out, "a b", 3, false), 0);
    assert_int_equal(uri_encode(&out, "x", 1, false), -1);
    buf_reset(&out);
    assert_int_equal(uri_decode(&out, "123456", 6), -1);
    buf_clear(&out);
}

static void test_parse(void **state)
{
    static const struct {
        const char *text;
        const char *scheme, *host;
        int port;
        const char *path, *query, *header;
    } cases[] = {
        {"http://h", "http", "h", -1, "/", "", "h"},
        {"https://h/", "https", "h", -1, "/", "", "h"},
        {"https://h:443/x", "https", "h", 443, "/x", "", "h"},
        {"http://h:443/x", "http", "h", 443, "/x", "", "h:443"},
        {"http://h:80", "http", "h", 80, "/", "", "h"},
        {"https://h:80?q", "https", "h", 80, "/", "q", "h:80"},
        {"HTTPS://SQS.US-East-1.Amazonaws.COM/1/Q?A=b&c", "https", "sqs.us-east-1.amazonaws.com",
         -1, "/1/Q", "A=b&c", "sqs.us-east-1.amazonaws.com"},
        {"http://127.0.0.1:5000/a/../%2f//b/", "http", "127.0.0.1", 5000, "/a/../%2f//b/", "",
         "127.0.0.1:5000"},
        {"http://[FE80::1]:65535/?", "http", "[fe80::1]", 65535, "/", "", "[fe80::1]:65535"},
        {"http://[::ffff:1.2.3.4]", "http", "[::ffff:1.2.3.4]", -1, "/", "", "[::ffff:1.2.3.4]"},
        {"http://under_score:/p?a?b/c@d", "http", "under_score", -1, "/p", "a?b/c@d",
         "under_score"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct uri uri;
        struct err err = {0};
        struct buf header;
        if (uri_parse(cases[i].text, &uri, &err) != 0)
            fail_msg("%s: %s", cases[i].text, err.message);
        assert_string_equal(uri.scheme, cases[i].scheme);
        assert_string_equal(uri.host, cases[i].host);
        assert_int_equal(uri.port, cases[i].port);
        assert_string_equal(uri.path, cases[i].path);
        assert_string_equal(uri.query, cases[i].query);
        buf_init(&header, 300);
        assert_int_equal(uri_host_header(&uri, &header), 0);
        assert_string_equal(buf_text(&header), cases[i].header);
        buf_clear(&header);
        uri_clear(&uri);
    }
}

static void test_refused(void **state)
{
    static const char *const cases[][2] = {
        {"", "\"\" is not a usable URL: it must start with http:// or https://"},
        {"h/x", "must start with http"},
        {"ftp://h/", "must start with http"},
        {"http:/h", "must start with http"},
        {"http://", "\"http://\" is not a usable URL: it names no valid host"},
        {"http:///x", "names no valid host"},
        {"http://?x", "names no valid host"},
        {"http://:80/", "names no valid host"},
        {"http://a,b/", "names no valid host"},
        {"http://a%41/", "names no valid host"},
        {"http://[::1/", "names no valid host"},
        {"http://[]/", "names no valid host"},
        {"http://[zz]/", "names no valid host"},
        {"http://[fe80::1%25eth0]/", "names no valid host"},
        {"http://h:0", "port is not a number from 1 to 65535"},
        {"http://h:65536", "port is not a number from 1 to 65535"},
        {"http://h:123456", "port is not a number from 1 to 65535"},
        {"http://h:8a/", "port is not a number from 1 to 65535"},
        {"http://[::1]x/", "port is not a number from 1 to 65535"},
        {"http://h/a b", "must be encoded"},
        {"http://h/\n", "must be encoded"},
        {"http://h/\xc3\xa9", "must be encoded"},
        {"http://h/a\\b", "must be encoded"},
        {"http://h/#f", "a fragment"},
        {"http://user@h/", "this is not a usable URL: a user name"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct uri uri;
        struct err err = {0};
        assert_int_equal(uri_parse(cases[i][0], &uri, &err), -1);
        assert_int_equal(err.kind, ERR_USAGE);
        if (strstr(err.message, cases[i][1]) == NULL)
            fail_msg("%s: %s", cases[i][0], err.message);
        assert_null(uri.host);
    }
}

static void test_secrets_are_not_shown(void **state)
{
    static const char *const texts[] = {
        "http://me:hidden@h/",   "http://me:hidden?x@h/",
        "http://me:hidden/x@h/", "http://h:x/?X-Amz-Signature=hidden",
        "https://h/a b?hidden",  "ftp://me:hidden@h",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct uri uri;
        struct err err = {0};
        assert_int_equal(uri_parse(texts[i], &uri, &err), -1);
        assert_null(strstr(err.message, "hidden"));
    }
}

static void test_too_long(void **state)
{
    struct uri uri;
    struct err err = {0};
    char *text = mem_alloc(70000);
    (void)state;
    memset(text, 'x', 69999);
    memcpy(text, "http://h/", 9);
    assert_int_equal(uri_parse(text, &uri, &err), -1);
    assert_non_null(strstr(err.message, "too long"));
    assert_true(strlen(err.message) < 300);
    mem_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encode),
        cmocka_unit_test(test_decode),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_full_buffers),
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_secrets_are_not_shown),
        cmocka_unit_test(test_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
