/* Replies that no service would send: every reply of the protocol tables cut short, with changed
 * bytes, and with values of another kind. Each gives a result or an error, never both, and the
 * sanitizers find no invalid access. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aws/protocol/protocol.h"
#include "aws/protocol/request.h"
#include "base/mem.h"
#include "support/protocol_case.h"
#include "value/json.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum { MUTATIONS = 60, MAX_BODY = 1 << 16 };

static const char *const pieces[] = {
    "null",     "true",        "-1",      "1e999",     "99999999999999999999",
    "\"\"",     "\"\\u0000\"", "[",       "{",         "}",
    "]",        "[[[[[[[[[[",  "{\"a\":", "<",         "</",
    "/>",       "&#0;",        "&lt;",    "<![CDATA[", "<!DOCTYPE",
    "\xff\xfe", "NaN",         "\r\n\t",  "%s%n%x%d",  "=",
    ",",        ":",           "#",
};

static struct tally {
    size_t results, api, parse, limit, other;
} tally;

static uint32_t random_state;

/* The same at every run (Marsaglia, "Xorshift RNGs"). */
static size_t draw(size_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return below > 0 ? random_state % below : 0;
}

static size_t splice(char *body, size_t length, size_t at, size_t gone, const char *piece)
{
    size_t put = strlen(piece);
    if (length - gone + put > MAX_BODY)
        return length;
    memmove(body + at + put, body + at + gone, length - at - gone);
    memcpy(body + at, piece, put);
    return length - gone + put;
}

static size_t mutate(char *body, size_t length)
{
    size_t at = draw(length + 1), left = length - at;
    switch (draw(6)) {
    case 0: return at;
    case 1: return splice(body, length, at, 0, pieces[draw(COUNT(pieces))]);
    case 2: return splice(body, length, at, draw(left < 12 ? left + 1 : 12), "");
    case 3:
        return splice(body, length, at, draw(left < 12 ? left + 1 : 12),
                      pieces[draw(COUNT(pieces))]);
    default:
        if (at < length)
            body[at] = (char)draw(256);
        return length;
    }
}

/* A JSON value in place of another. */
static json_t *odd_value(void)
{
    switch (draw(10)) {
    case 0: return json_null();
    case 1: return json_true();
    case 2: return json_integer((json_int_t)draw(1u << 30) - 7);
    case 3: return json_real(1.5);
    case 4: return json_real(1e300);
    case 5: return json_object();
    case 6: return json_pack("[{s:n,s:[n,n]}]", "a", "b");
    case 7: return json_pack("{s:[i],s:{}}", "a", 1, "__type");
    case 8: return json_string("true");
    default: return json_string("");
    }
}

/* A copy in which one value in eight is of another kind. */
static json_t *twist(json_t *value)
{
    const char *key;
    size_t index;
    json_t *item, *copy;
    if (draw(8) == 0)
        return odd_value();
    if (json_is_array(value)) {
        copy = json_array();
        json_array_foreach (value, index, item)
            json_array_append_new(copy, twist(item));
        return copy;
    }
    if (!json_is_object(value))
        return json_incref(value);
    copy = json_object();
    json_object_foreach (value, key, item)
        json_object_set_new(copy, key, twist(item));
    return copy;
}

/* Returns the body's new length; a body that is not JSON is not changed. */
static size_t twist_body(char *body, size_t length)
{
    json_t *value = json_parse(body, length, NULL);
    if (value == NULL)
        return length;
    json_t *other = twist(value);
    char *text = json_text(other);
    size_t twisted = strlen(text) <= MAX_BODY ? strlen(text) : 0;
    memcpy(body, text, twisted);
    mem_free(text);
    json_decref(other);
    json_decref(value);
    return twisted;
}

static void count(int result, const struct err *err)
{
    if (result == 0)
        tally.results++;
    else if (err->kind == ERR_API)
        tally.api++;
    else if (err->kind == ERR_PARSE)
        tally.parse++;
    else if (err->kind == ERR_LIMIT)
        tally.limit++;
    else
        tally.other++;
}

/* The copy has exactly the response's length, so that a read beyond it is detected. */
static void decode(const struct protocol_case *opened, const struct http_response *response)
{
    struct err err = {0};
    struct http_response copy = *response;
    json_t *result = NULL;
    char *body = mem_alloc(response->body_length + (response->body_length == 0));
    memcpy(body, response->body, response->body_length);
    copy.body = body;
    int done = proto_decode(opened->model, opened->operation, &copy, &result, &err);
    count(done, &err);
    assert_true((done == 0) == (result != NULL));
    assert_true((done == 0) == (err.kind == ERR_NONE));
    json_decref(result);
    mem_free(body);
}

static void attack(const struct protocol_case *opened, int status, const char *header)
{
    static char body[2 * MAX_BODY];
    struct http_header headers[] = {{"x-amzn-errortype", header}, {"x-amzn-query-error", header},
                                    {"x-amzn-requestid", header}, {"x-foo", header},
                                    {"x-string", header},         {"x-json", header},
                                    {"x-integerlist", header},    {"x-timestamplist", header},
                                    {"x-stringlist", header}};
    const json_t *given = json_object_get(json_object_get(opened->test, "response"), "body");
    for (int i = 0; i < MUTATIONS; i++) {
        size_t length = json_string_length(given);
        if (length > MAX_BODY / 2)
            return;
        memcpy(body, length > 0 ? json_string_value(given) : "", length);
        length = draw(2) ? twist_body(body, length) : length;
        for (size_t times = draw(3); times > 0; times--)
            length = mutate(body, length);
        struct http_response response = {.status = status,
                                         .headers = headers,
                                         .header_count = draw(COUNT(headers) + 1),
                                         .body = body,
                                         .body_length = length};
        decode(opened, &response);
    }
}

static void attack_table(const char *path)
{
    struct protocol_case opened;
    json_t *suites = protocol_table(path);
    for (size_t i = 0; i < json_array_size(suites); i++) {
        const json_t *suite = json_array_get(suites, i);
        for (size_t j = 0; j < json_array_size(json_object_get(suite, "cases")); j++) {
            protocol_case_open(&opened, suite, i, j);
            attack(&opened, 200, pieces[draw(COUNT(pieces))]);
            attack(&opened, draw(2) ? 400 : 503, pieces[draw(COUNT(pieces))]);
            protocol_case_close(&opened);
        }
    }
    json_decref(suites);
}

static void test_mutations(void **state)
{
    static const char *const tables[] = {"query", "ec2", "json", "rest-json", "rest-xml"};
    char path[96];
    (void)state;
    random_state = 20140101;
    for (size_t i = 0; i < COUNT(tables); i++) {
        snprintf(path, sizeof path, "tests/fixtures/protocols/output/%s.json.gz", tables[i]);
        attack_table(path);
    }
    print_message("%zu results, %zu API errors, %zu unreadable, %zu too large, %zu other\n",
                  tally.results, tally.api, tally.parse, tally.limit, tally.other);
    assert_true(tally.results > 1000 && tally.api > 1000 && tally.parse > 1000);
    assert_int_equal(tally.other, 0);
}

/* A model that contains itself, nested far deeper than a stack would allow. */
static const char nested_service[] =
    "{'metadata':{'apiVersion':'2020-01-01','endpointPrefix':'nest','protocol':'%s',"
    "'jsonVersion':'1.1','targetPrefix':'Nest','serviceId':'Nest','signatureVersion':'v4'},"
    "'operations':{'Dig':{'name':'Dig','http':{'method':'POST','requestUri':'/'},"
    "'input':{'shape':'Hole','locationName':'Hole'},'output':{'shape':'Hole'}}},"
    "'shapes':{'Hole':{'type':'structure','members':{'hole':{'shape':'Hole'},"
    "'holes':{'shape':'Holes'}}},'Holes':{'type':'list','member':{'shape':'Hole'}}}}";

static void open_nested(struct protocol_case *opened, const char *protocol)
{
    char text[1024];
    snprintf(text, sizeof text, nested_service, protocol);
    for (char *at = text; *at != '\0'; at++)
        *at = *at == '\'' ? '"' : *at;
    protocol_service_open(opened, "nest", text);
    protocol_case_operation(opened, "Dig");
}

static void dig(const struct protocol_case *opened, const char *open, const char *close,
                const char *middle, int depth)
{
    struct buf body;
    buf_init(&body, 8u << 20);
    for (int i = 0; i < depth; i++)
        buf_adds(&body, open);
    buf_adds(&body, middle);
    for (int i = 0; i < depth; i++)
        buf_adds(&body, close);
    struct http_response response = {.status = 200, .body = body.data, .body_length = body.len};
    struct err err = {0};
    json_t *result = NULL;
    assert_int_equal(proto_decode(opened->model, opened->operation, &response, &result, &err),
                     depth > 400 ? -1 : 0);
    if (depth > 400)
        assert_true(err.kind == ERR_PARSE || err.kind == ERR_LIMIT);
    json_decref(result);
    buf_clear(&body);
}

static void test_deep_replies(void **state)
{
    struct protocol_case opened;
    (void)state;
    open_nested(&opened, "json");
    dig(&opened, "{\"hole\":", "}", "{}", 400);
    dig(&opened, "{\"hole\":", "}", "{}", 100000);
    dig(&opened, "{\"holes\":[", "]}", "{}", 200);
    dig(&opened, "{\"holes\":[", "]}", "{}", 100000);
    protocol_case_close(&opened);
    open_nested(&opened, "ec2");
    dig(&opened, "<hole>", "</hole>", "", 400);
    dig(&opened, "<hole>", "</hole>", "", 100000);
    protocol_case_close(&opened);
}

/* Scripts can pass parameters of any depth. */
static void test_deep_requests(void **state)
{
    static const char *const protocols[] = {"query", "ec2", "json", "rest-json", "rest-xml"};
    struct protocol_case opened;
    struct proto_request request;
    (void)state;
    json_t *params = json_object();
    for (int i = 0; i < 1000; i++)
        params = json_pack("{s:o}", "hole", params);
    for (size_t i = 0; i < COUNT(protocols); i++) {
        struct err err = {0};
        open_nested(&opened, protocols[i]);
        proto_request_init(&request);
        assert_int_equal(proto_encode(opened.model, opened.operation, params, &request, &err), -1);
        assert_int_equal(err.kind, ERR_LIMIT);
        proto_request_clear(&request);
        protocol_case_close(&opened);
    }
    json_decref(params);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mutations),
        cmocka_unit_test(test_deep_replies),
        cmocka_unit_test(test_deep_requests),
    };
    mem_install();
    return cmocka_run_group_tests_name("hostile replies", tests, NULL, NULL);
}
