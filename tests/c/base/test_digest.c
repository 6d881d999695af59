/* Digests compared with the test vectors of their standards, base64 with RFC 4648, and random
 * values that are at least not the same twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/digest.h"
#include "base/mem.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void expect_hex(const unsigned char *bytes, size_t length, const char *want)
{
    char hex[SHA256_HEX];
    digest_hex(bytes, length, hex);
    assert_string_equal(hex, want);
}

/* Source: FIPS 180-4's examples. */
static void test_sha256(void **state)
{
    static const char *const cases[][2] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    unsigned char out[SHA256_BYTES];
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        digest_sha256(cases[i][0], strlen(cases[i][0]), out);
        expect_hex(out, sizeof out, cases[i][1]);
    }
}

/* The third example of FIPS 180-4, a million times "a", in pieces of odd lengths. */
static void test_stream(void **state)
{
    unsigned char out[SHA256_BYTES];
    char piece[1013];
    size_t left = 1000000;
    struct digest_stream *stream = digest_stream_new();
    (void)state;
    memset(piece, 'a', sizeof piece);
    while (left > 0) {
        size_t count = left < sizeof piece ? left : sizeof piece;
        digest_stream_add(stream, piece, count);
        left -= count;
    }
    digest_stream_finish(stream, out);
    expect_hex(out, sizeof out, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void expect_hmac(const void *key, size_t key_length, const char *text, const char *want)
{
    unsigned char out[SHA256_BYTES];
    digest_hmac_sha256(key, key_length, text, strlen(text), out);
    expect_hex(out, sizeof out, want);
}

/* Source: RFC 4231, test cases 1, 2, 6 and 7; the value for the empty key is OpenSSL's. */
static void test_hmac(void **state)
{
    unsigned char key[131];
    (void)state;
    memset(key, 0x0b, 20);
    expect_hmac(key, 20, "Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    expect_hmac("Jefe", 4, "what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    expect_hmac(key, sizeof key, "Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    expect_hmac(key, sizeof key,
                "This is a test using a larger than block-size key and a larger than block-size "
                "data. The key needs to be hashed before being used by the HMAC algorithm.",
                "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
    expect_hmac("", 0, "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void test_md5(void **state)
{
    unsigned char out[16];
    (void)state;
    digest_md5("message digest", 14, out); /* RFC 1321, appendix A.5 */
    expect_hex(out, sizeof out, "f96b697d7cb7938d525a2f31aaf161d0");
}

static void test_base64(void **state)
{
    static const char *const cases[][2] = {
        /* RFC 4648, section 10 */
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {"\xfb\xff\xbf", "+/+/"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf text;
        struct buf bytes;
        buf_init(&text, 100);
        buf_init(&bytes, 100);
        assert_int_equal(base64_encode(cases[i][0], strlen(cases[i][0]), &text), 0);
        assert_string_equal(buf_text(&text), cases[i][1]);
        assert_int_equal(base64_decode(buf_text(&text), text.len, &bytes), 0);
        assert_string_equal(buf_text(&bytes), cases[i][0]);
        buf_clear(&text);
        buf_clear(&bytes);
    }
}

static void test_base64_refuses(void **state)
{
    static const char *const bad[] = {"Z",    "Zg",   "Zg=",      "Z===", "====", "Zg==Zg==",
                                      "Zm9 ", "Zm9-", "Zm9\nZm9", "Z=g=", "=Zg=", "Zm9vZ\xff=="};
    struct buf out;
    (void)state;
    buf_init(&out, 100);
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (base64_decode(bad[i], strlen(bad[i]), &out) != -1)
            fail_msg("%s", bad[i]);
        buf_reset(&out);
    }
    buf_clear(&out);
}

static void test_base64_limits(void **state)
{
    struct buf out;
    (void)state;
    buf_init(&out, 4);
    assert_int_equal(base64_encode("1234", 4, &out), -1);
    buf_reset(&out);
    assert_int_equal(base64_encode("", (size_t)INT32_MAX, &out), -1); /* none of it is read */
    assert_true(out.failed);
    buf_reset(&out);
    assert_int_equal(base64_decode("Zm9vYmFy", 8, &out), -1);
    buf_clear(&out);
}

static void test_random(void **state)
{
    unsigned char left[16] = {0};
    unsigned char right[16] = {0};
    double sum = 0;
    (void)state;
    random_bytes(left, sizeof left);
    random_bytes(right, sizeof right);
    assert_memory_not_equal(left, right, sizeof left);
    for (int i = 0; i < 2000; i++) {
        double unit = random_unit();
        assert_true(unit >= 0 && unit < 1);
        sum += unit;
    }
    assert_true(sum > 800 && sum < 1200);
}

static void test_uuid(void **state)
{
    char one[37];
    char two[37];
    (void)state;
    random_uuid(one);
    random_uuid(two);
    assert_string_not_equal(one, two);
    assert_int_equal(strlen(one), 36);
    assert_int_equal(strspn(one, "0123456789abcdef-"), 36);
    assert_true(one[8] == '-' && one[13] == '-' && one[18] == '-' && one[23] == '-');
    assert_int_equal(one[14], '4');
    assert_non_null(strchr("89ab", one[19]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha256),        cmocka_unit_test(test_stream),
        cmocka_unit_test(test_hmac),          cmocka_unit_test(test_md5),
        cmocka_unit_test(test_base64),        cmocka_unit_test(test_base64_refuses),
        cmocka_unit_test(test_base64_limits), cmocka_unit_test(test_random),
        cmocka_unit_test(test_uuid),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
