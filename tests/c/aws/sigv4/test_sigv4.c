#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aws/sigv4/sigv4.h"
#include "aws/sigv4/sigv4_canonical.h"
#include "aws/sigv4/sigv4_keys.h"
#include "base/mem.h"
#include "value/json.h"

#define VECTORS "tests/fixtures/sigv4/vectors.jsonl"
#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

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

static const char *header_of(const struct sigv4_result *result, const char *name)
{
    for (size_t i = 0; i < result->header_count; i++) {
        if (strcmp(result->headers[i].name, name) == 0)
            return result->headers[i].value;
    }
    return NULL;
}

/* The recorded vectors. */

static size_t read_headers(const json_t *line, struct http_header headers[16])
{
    size_t index;
    json_t *pair;
    json_array_foreach (json_object_get(line, "headers"), index, pair) {
        assert_true(index < 16);
        headers[index].name = json_string_value(json_array_get(pair, 0));
        headers[index].value = json_string_value(json_array_get(pair, 1));
    }
    return json_array_size(json_object_get(line, "headers"));
}

static struct sigv4_request read_request(const json_t *line, struct http_header *headers)
{
    const json_t *body = json_object_get(line, "body");
    return (struct sigv4_request){
        .method = json_get_string(line, "method", NULL),
        .host = json_get_string(line, "host", NULL),
        .path = json_get_string(line, "path", NULL),
        .query = json_get_string(line, "query", NULL),
        .headers = headers,
        .header_count = read_headers(line, headers),
        .body = json_string_value(body),
        .body_length = json_string_length(body),
        .region = json_get_string(line, "region", NULL),
        .service = json_get_string(line, "service", NULL),
        .time_ms = json_get_integer(line, "time", 0) * 1000,
        .normalize_path = json_get_bool(line, "normalize_path", false),
        .encode_path = json_get_bool(line, "encode_path", false),
        .sign_body = json_get_bool(line, "sign_body", false),
        .expires = json_get_integer(line, "expires", 0),
    };
}

/* The three stages, called one by one, give the result of the whole. */
static void check_stages(const struct sigv4_request *request, const struct sigv4_key *with,
                         const struct sigv4_result *result)
{
    struct buf canonical, names, to_sign;
    struct err err = {0};
    char signature[SHA256_HEX];
    buf_init(&canonical, SIGV4_MAX);
    buf_init(&names, SIGV4_MAX);
    buf_init(&to_sign, SIGV4_MAX);
    assert_int_equal(sigv4_canonical_request(request, with, &canonical, &names, &err), 0);
    assert_string_equal(buf_text(&canonical), buf_text(&result->canonical_request));
    assert_non_null(strstr(buf_text(&canonical), buf_text(&names)));
    assert_int_equal(sigv4_string_to_sign(request, buf_text(&canonical), canonical.len, &to_sign),
                     0);
    assert_string_equal(buf_text(&to_sign), buf_text(&result->string_to_sign));
    sigv4_signature(request, with, buf_text(&to_sign), to_sign.len, signature);
    assert_string_equal(signature, result->signature);
    buf_clear(&canonical);
    buf_clear(&names);
    buf_clear(&to_sign);
}

static void check_vector(const json_t *line, struct sigv4_result *result)
{
    struct http_header headers[16];
    struct sigv4_request request = read_request(line, headers);
    struct sigv4_key with = {
        .access_key = json_get_string(line, "access_key", NULL),
        .secret_key = json_get_string(line, "secret_key", NULL),
        .session_token = json_get_string(line, "session_token", NULL),
    };
    struct err err = {0};
    bool presign = json_get_bool(line, "presign", false);
    print_message("  %s\n", json_get_string(line, "name", ""));
    if (presign)
        assert_int_equal(sigv4_presign(&request, &with, result, &err), 0);
    else
        assert_int_equal(sigv4_sign(&request, &with, result, &err), 0);
    assert_string_equal(buf_text(&result->canonical_request),
                        json_get_string(line, "canonical_request", NULL));
    assert_string_equal(result->signature, json_get_string(line, "signature", NULL));
    if (!presign)
        check_stages(&request, &with, result);
}

static void test_vectors(void **state)
{
    (void)state;
    FILE *file = fopen(VECTORS, "r");
    assert_non_null(file);
    char *text = NULL;
    size_t size = 0;
    ssize_t length;
    int count = 0;
    struct sigv4_result result;
    sigv4_result_init(&result);
    for (; (length = getline(&text, &size, file)) > 0; count++) {
        struct err err = {0};
        json_t *line = json_parse(text, (size_t)length, &err);
        assert_non_null(line);
        check_vector(line, &result);
        json_decref(line);
    }
    sigv4_result_clear(&result);
    free(text);
    fclose(file);
    assert_true(count > 40);
}

static void test_headers_to_add(void **state)
{
    (void)state;
    struct sigv4_request request = vanilla();
    struct sigv4_result result;
    struct err err = {0};
    request.sign_body = true;
    sigv4_result_init(&result);
    struct sigv4_key session = key;
    session.session_token = "token";
    assert_int_equal(sigv4_sign(&request, &session, &result, &err), 0);
    assert_int_equal(result.header_count, 4);
    assert_string_equal(header_of(&result, "x-amz-date"), "20150830T123600Z");
    assert_string_equal(header_of(&result, "x-amz-security-token"), "token");
    assert_string_equal(header_of(&result, "x-amz-content-sha256"), EMPTY);
    char expected[512];
    snprintf(expected, sizeof expected,
             "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
             "SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token, "
             "Signature=%s",
             result.signature);
    assert_string_equal(header_of(&result, "authorization"), expected);
    sigv4_result_clear(&result);
}

/* get-vanilla of AWS's signing test suite. */
static void test_omitted_session_token(void **state)
{
    (void)state;
    struct sigv4_request request = vanilla();
    struct sigv4_result result;
    struct err err = {0};
    struct sigv4_key session = key;
    session.session_token = "to/ken=";
    request.omit_session_token = true;
    sigv4_result_init(&result);
    assert_int_equal(sigv4_sign(&request, &session, &result, &err), 0);
    assert_string_equal(result.signature,
                        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    assert_string_equal(header_of(&result, "x-amz-security-token"), "to/ken=");
    assert_null(strstr(buf_text(&result.canonical_request), "token"));
    request.expires = 60;
    assert_int_equal(sigv4_presign(&request, &session, &result, &err), 0);
    assert_null(strstr(buf_text(&result.canonical_request), "Token"));
    assert_non_null(strstr(buf_text(&result.query), "&X-Amz-Security-Token=to%2Fken%3D"));
    sigv4_result_clear(&result);
}

static void check_payload(struct sigv4_request *request, const char *expected)
{
    struct sigv4_result result;
    struct err err = {0};
    sigv4_result_init(&result);
    assert_int_equal(sigv4_sign(request, &key, &result, &err), 0);
    const char *text = buf_text(&result.canonical_request);
    assert_string_equal(strrchr(text, '\n') + 1, expected);
    if (request->sign_body)
        assert_string_equal(header_of(&result, "x-amz-content-sha256"), expected);
    sigv4_result_clear(&result);
}

static void test_payloads(void **state)
{
    (void)state;
    struct sigv4_request request = vanilla();
    const struct http_header given = {"X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"};
    char hex[SHA256_HEX];
    unsigned char bytes[SHA256_BYTES];
    struct digest_stream *stream = digest_stream_new();
    digest_stream_add(stream, "he", 2);
    digest_stream_add(stream, "llo", 3);
    digest_stream_finish(stream, bytes);
    digest_hex(bytes, sizeof bytes, hex);

    check_payload(&request, EMPTY);
    request.body = "hello";
    request.body_length = 5;
    check_payload(&request, hex);
    request.headers = &given;
    request.header_count = 1;
    check_payload(&request, "UNSIGNED-PAYLOAD");
    request.sign_body = true;
    check_payload(&request, hex);
    request.payload_hash = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
    check_payload(&request, "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
}

/* The hash of a streamed body gives the same signature as the body itself. */
static void test_streamed_body(void **state)
{
    (void)state;
    struct sigv4_request request = vanilla();
    struct sigv4_result whole, streamed;
    struct err err = {0};
    char *body = mem_alloc(100000);
    char hex[SHA256_HEX];
    unsigned char bytes[SHA256_BYTES];
    struct digest_stream *stream = digest_stream_new();
    memset(body, 'x', 100000);
    for (size_t i = 0; i < 100000; i += 1000)
        digest_stream_add(stream, body + i, 1000);
    digest_stream_finish(stream, bytes);
    digest_hex(bytes, sizeof bytes, hex);
    sigv4_result_init(&whole);
    sigv4_result_init(&streamed);
    request.body = body;
    request.body_length = 100000;
    assert_int_equal(sigv4_sign(&request, &key, &whole, &err), 0);
    request.body = NULL;
    request.payload_hash = hex;
    assert_int_equal(sigv4_sign(&request, &key, &streamed, &err), 0);
    assert_string_equal(whole.signature, streamed.signature);
    sigv4_result_clear(&whole);
    sigv4_result_clear(&streamed);
    mem_free(body);
}

/* Exactly what is sent is signed. */
static void test_presigned_query(void **state)
{
    (void)state;
    struct sigv4_request request = vanilla();
    struct sigv4_result result;
    struct err err = {0};
    request.expires = 604800;
    request.query = "b=%7e&a&X-Amz-Expire=1";
    sigv4_result_init(&result);
    assert_int_equal(sigv4_presign(&request, &key, &result, &err), 0);
    char *query =
        mem_printf("%.*s&X-Amz-Signature=%s",
                   (int)strcspn(strstr(buf_text(&result.canonical_request), "X-Amz-Al"), "\n"),
                   strstr(buf_text(&result.canonical_request), "X-Amz-Al"), result.signature);
    assert_string_equal(buf_text(&result.query), query);
    assert_non_null(strstr(query, "&a=&b=~&"));
    assert_int_equal(result.header_count, 0);
    mem_free(query);
    sigv4_result_clear(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_headers_to_add),
        cmocka_unit_test(test_omitted_session_token),
        cmocka_unit_test(test_payloads),
        cmocka_unit_test(test_streamed_body),
        cmocka_unit_test(test_presigned_query),
    };
    mem_install();
    return cmocka_run_group_tests_name("sigv4", tests, NULL, NULL);
}
