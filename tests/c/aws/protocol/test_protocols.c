/* Every protocol case of the Smithy specifications and of the SDKs' older tables, for requests and
 * replies. Intended differences are listed with the reason, and a listed case that no longer
 * differs fails, too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "aws/protocol/protocol.h"
#include "aws/protocol/request.h"
#include "base/mem.h"
#include "support/protocol_case.h"
#include "support/protocol_compare.h"
#include "support/protocol_differences.h"
#include "value/json.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static struct totals {
    size_t requests, results, errors, different;
} totals;

struct table {
    const char *name;
    const char *path;
    size_t failed;
};

static void say(struct table *table, const char *id, const char *what)
{
    bool listed = protocol_difference(table->name, id) != NULL;
    if (what != NULL && listed)
        totals.different++;
    if ((what != NULL) == listed)
        return;
    table->failed++;
    print_error("%s %s: %s\n", table->name, id,
                what != NULL ? what : "listed as different, but it is not");
}

/* ---- requests ---- */

static const char *header_of(const struct proto_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (strcasecmp(proto_request_header_name(request, i), name) == 0)
            return proto_request_header_value(request, i);
    }
    return NULL;
}

/* Both tables omit the charset of query's Content-Type. */
static bool fits_header(const struct proto_request *request, const char *name, const char *expected)
{
    const char *actual = header_of(request, name);
    static const char form[] = "application/x-www-form-urlencoded";
    if (actual != NULL && strcmp(expected, form) == 0)
        return strncmp(actual, form, sizeof form - 1) == 0;
    return actual != NULL && same_header(actual, expected);
}

static const char *check_headers(const struct proto_request *request, const json_t *serialized)
{
    static char said[512];
    const char *name;
    json_t *value;
    size_t index;
    json_object_foreach (json_object_get(serialized, "headers"), name, value) {
        const char *actual = header_of(request, name);
        snprintf(said, sizeof said, "header %s: \"%.200s\"", name, actual != NULL ? actual : "-");
        if (!fits_header(request, name, json_string_value(value)))
            return said;
    }
    json_array_foreach (json_object_get(serialized, "forbidHeaders"), index, value) {
        if (header_of(request, json_string_value(value)) != NULL)
            return "a forbidden header";
    }
    json_array_foreach (json_object_get(serialized, "requireHeaders"), index, value) {
        /* The transport adds Content-Length. */
        if (header_of(request, json_string_value(value)) == NULL &&
            strcasecmp(json_string_value(value), "Content-Length") != 0)
            return "a required header is missing";
    }
    return NULL;
}

static const char *endpoint_of(const json_t *suite)
{
    return strstr(json_get_string(suite, "clientEndpoint", "https://example.com"), "//") + 2;
}

/* If the endpoint has a path of its own, the caller puts it before the request's path. */
static const char *check_uri(const struct proto_request *request, const json_t *serialized,
                             const json_t *suite)
{
    static char said[1024];
    const char *expected = json_get_string(serialized, "uri", "/");
    const char *endpoint = endpoint_of(suite), *prefix = endpoint + strcspn(endpoint, "/");
    if (strncmp(expected, prefix, strlen(prefix)) != 0)
        return "the case does not begin with its endpoint's path";
    expected += strlen(prefix);
    size_t path = strcspn(expected, "?");
    const char *query = expected[path] == '?' ? expected + path + 1 : "";
    snprintf(said, sizeof said, "URI: %s?%s", buf_text(&request->path), buf_text(&request->query));
    if (request->path.len != path || memcmp(request->path.data, expected, path) != 0 ||
        !same_query(buf_text(&request->query), query))
        return said;
    return NULL;
}

static const char *check_host(const struct proto_request *request, const json_t *serialized,
                              const json_t *suite)
{
    char host[512];
    const char *expected = json_get_string(serialized, "host", NULL);
    if (expected == NULL)
        return NULL;
    snprintf(host, sizeof host, "%s%s", request->host_prefix, endpoint_of(suite));
    host[strcspn(host, "/")] = '\0';
    size_t length = strcspn(expected, "/");
    return strlen(host) == length && memcmp(host, expected, length) == 0 ? NULL : "host";
}

static const char *check_body(const struct proto_request *request, const json_t *serialized,
                              enum model_protocol protocol)
{
    static char said[1400];
    const char *expected = json_get_string(serialized, "body", NULL);
    const char *body = buf_text(&request->body);
    if (expected == NULL)
        return NULL;
    bool same;
    if (protocol == MODEL_QUERY || protocol == MODEL_EC2)
        same = same_query(body, expected);
    else if (protocol == MODEL_REST_XML)
        same = same_xml(body, request->body.len, expected);
    else
        same = same_json(body, request->body.len, expected);
    snprintf(said, sizeof said, "body: %.1000s", body);
    return same ? NULL : said;
}

/* The cases expect a fixed token, where the engine generates one. */
static void fix_request(struct proto_request *request, const json_t *params)
{
    char *given = json_text(params);
    bool has_token = strstr(given, "00000000-0000-4000-8000-") != NULL;
    mem_free(given);
    if (has_token)
        return;
    fix_tokens(request->path.data);
    fix_tokens(request->query.data);
    fix_tokens(request->body.data);
    for (size_t i = 0; i < request->header_count; i++)
        fix_tokens(request->storage.data + request->header_offsets[i][1]);
}

static const char *check_request(const struct protocol_case *opened, struct proto_request *request)
{
    static char said[1400];
    struct err err = {0};
    const json_t *serialized = json_object_get(opened->test, "serialized");
    const char *method = json_get_string(serialized, "method", request->method);
    const json_t *params = json_object_get(opened->test, "params");
    if (proto_encode(opened->model, opened->operation, params, request, &err) != 0) {
        snprintf(said, sizeof said, "refused: %s", err.message);
        return said;
    }
    if (params != NULL)
        fix_request(request, params);
    if (json_object_get(serialized, "method") != NULL && strcmp(request->method, method) != 0)
        return "method";
    const char *what = check_uri(request, serialized, opened->suite);
    if (what == NULL)
        what = check_headers(request, serialized);
    if (what == NULL)
        what = check_host(request, serialized, opened->suite);
    if (what == NULL)
        what = check_body(request, serialized, model_info(opened->model)->protocol);
    return what;
}

static void run_request(struct table *table, const struct protocol_case *opened)
{
    struct proto_request request;
    proto_request_init(&request);
    say(table, opened->id, check_request(opened, &request));
    proto_request_clear(&request);
    totals.requests++;
}

/* ---- replies ---- */

struct reply {
    struct http_response response;
    struct http_header headers[32];
    char names[32][128];
};

static void make_reply(struct reply *reply, const json_t *given)
{
    const char *name;
    json_t *value;
    const json_t *body = json_object_get(given, "body");
    memset(reply, 0, sizeof *reply);
    reply->response.status = (int)json_get_integer(given, "status_code", 200);
    reply->response.headers = reply->headers;
    reply->response.body = json_string_value(body);
    reply->response.body_length = json_string_length(body);
    json_object_foreach (json_object_get(given, "headers"), name, value) {
        size_t i = reply->response.header_count++;
        assert_in_range(i, 0, 31);
        for (size_t at = 0; name[at] != '\0' && at < sizeof reply->names[i] - 1; at++)
            reply->names[i][at] =
                name[at] >= 'A' && name[at] <= 'Z' ? (char)(name[at] + 32) : name[at];
        reply->headers[i] = (struct http_header){reply->names[i], json_string_value(value)};
    }
}

static const char *check_error(const struct protocol_case *opened, int result,
                               const struct err *err)
{
    static char said[1400];
    const char *code = json_get_string(opened->test, "errorCode", "");
    const char *message = json_get_string(opened->test, "errorMessage", "");
    if (result == 0)
        return "an error was taken for a result";
    snprintf(said, sizeof said, "code \"%s\" alias \"%s\" message \"%s\"", err->code, err->alias,
             err->message);
    /* The tables' code of a query-compatible service is the one in the header, which is the
     * engine's alias. */
    bool same = strcmp(err->code, code) == 0 || strcmp(err->alias, code) == 0;
    return err->kind == ERR_API && same &&
                   (message[0] == '\0' || strcmp(err->message, message) == 0)
               ? NULL
               : said;
}

static const char *check_result(const struct protocol_case *opened, const json_t *result,
                                const struct err *err)
{
    static char said[1400];
    if (result == NULL) {
        snprintf(said, sizeof said, "error: %s", err->message);
        return said;
    }
    char *text = json_text(result);
    snprintf(said, sizeof said, "%s", text);
    mem_free(text);
    return same_value(result, json_object_get(opened->test, "result")) ? NULL : said;
}

static void run_reply(struct table *table, const struct protocol_case *opened)
{
    struct reply reply;
    struct err err = {0};
    json_t *result = NULL;
    make_reply(&reply, json_object_get(opened->test, "response"));
    int done = proto_decode(opened->model, opened->operation, &reply.response, &result, &err);
    if (json_object_get(opened->test, "error") != NULL) {
        say(table, opened->id, check_error(opened, done, &err));
        totals.errors++;
    } else {
        say(table, opened->id, check_result(opened, result, &err));
        totals.results++;
    }
    json_decref(result);
}

static size_t run_suite(struct table *table, const json_t *suite, size_t index)
{
    struct protocol_case opened;
    size_t count = json_array_size(json_object_get(suite, "cases"));
    for (size_t i = 0; i < count; i++) {
        protocol_case_open(&opened, suite, index, i);
        if (json_object_get(opened.test, "serialized") != NULL)
            run_request(table, &opened);
        else
            run_reply(table, &opened);
        protocol_case_close(&opened);
    }
    return count;
}

static void test_table(void **state)
{
    struct table *table = *state;
    json_t *suites = protocol_table(table->path);
    size_t cases = 0;
    for (size_t i = 0; i < json_array_size(suites); i++)
        cases += run_suite(table, json_array_get(suites, i), i);
    json_decref(suites);
    print_message("%s: %zu cases\n", table->name, cases);
    assert_int_not_equal(cases, 0);
    assert_int_equal(table->failed, 0);
}

static void test_totals(void **state)
{
    (void)state;
    print_message("%zu requests, %zu results, %zu errors; %zu differ as listed\n", totals.requests,
                  totals.results, totals.errors, totals.different);
    assert_int_equal(totals.different, protocol_difference_count());
}

#define DIRECTORY "tests/fixtures/protocols/"
#define TABLE(file)                                                                                \
    {                                                                                              \
        .name = file, .path = DIRECTORY file ".json.gz"                                            \
    }

static struct table tables[] = {
    TABLE("input/query"),
    TABLE("input/ec2"),
    TABLE("input/json"),
    TABLE("input/json_1_0"),
    TABLE("input/rest-json"),
    TABLE("input/rest-xml"),
    TABLE("output/query"),
    TABLE("output/ec2"),
    TABLE("output/json"),
    TABLE("output/json_1_0"),
    TABLE("output/rest-json"),
    TABLE("output/rest-xml"),
    TABLE("legacy-input/query"),
    TABLE("legacy-input/ec2"),
    TABLE("legacy-input/json"),
    TABLE("legacy-input/rest-json"),
    TABLE("legacy-input/rest-xml"),
    TABLE("legacy-output/query"),
    TABLE("legacy-output/ec2"),
    TABLE("legacy-output/json"),
    TABLE("legacy-output/rest-json"),
    TABLE("legacy-output/rest-xml"),
    TABLE("input/json_1_0-query-compatible"),
    TABLE("output/json_1_0-query-compatible"),
};

int main(void)
{
    struct CMUnitTest tests[COUNT(tables) + 1];
    mem_install();
    for (size_t i = 0; i < COUNT(tables); i++)
        tests[i] = (struct CMUnitTest){tables[i].name, test_table, NULL, NULL, &tables[i]};
    tests[COUNT(tables)] = (struct CMUnitTest){"totals", test_totals, NULL, NULL, NULL};
    return cmocka_run_group_tests_name("protocols", tests, NULL, NULL);
}
