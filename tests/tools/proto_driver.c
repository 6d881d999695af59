/* proto_driver MODELS: encodes requests and decodes replies from stdin, one JSON object per line,
 * and prints one JSON object per line, for tests that compare with other clients.
 *
 *   {"service", "operation", "params"}             {"method", "host_prefix", "path", "query",
 *                                                   "headers": [[name, value]], "body"}
 *   {"service", "operation", "response":           {"result"}
 *    {"status", "headers": [[name, value]], "body"}}
 *
 * or {"error": {"kind", "code", "alias", "status", "request_id", "message"}}. "body" is base64. A
 * string that is not valid UTF-8 is written as "base64:…", in both directions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/model/model_open.h"
#include "aws/protocol/proto_validate.h"
#include "aws/protocol/protocol.h"
#include "aws/protocol/request.h"
#include "base/digest.h"
#include "base/mem.h"
#include "value/json.h"

#define MAX_LINE (64u << 20)
#define MAX_GIVEN 200
static const char mark[] = "base64:";

static json_t *bytes_of(const char *text)
{
    struct buf bytes;
    buf_init(&bytes, MAX_LINE);
    base64_decode(text, strlen(text), &bytes);
    json_t *value = json_stringn_nocheck(buf_text(&bytes), bytes.len);
    buf_clear(&bytes);
    return value;
}

static json_t *base64_of(const char *prefix, const char *bytes, size_t length)
{
    struct buf text;
    buf_init(&text, MAX_LINE);
    buf_adds(&text, prefix);
    base64_encode(bytes, length, &text);
    json_t *value = json_stringn_nocheck(buf_text(&text), text.len);
    buf_clear(&text);
    return value;
}

static json_t *unmark(json_t *text)
{
    const char *bytes = json_string_value(text);
    return strncmp(bytes, mark, sizeof mark - 1) == 0 ? bytes_of(bytes + sizeof mark - 1)
                                                      : json_incref(text);
}

static json_t *put_mark(json_t *text)
{
    json_t *checked = json_stringn(json_string_value(text), json_string_length(text));
    return checked != NULL ? checked
                           : base64_of(mark, json_string_value(text), json_string_length(text));
}

/* A copy with each string changed. */
static json_t *map_strings(json_t *value, json_t *(*change)(json_t *))
{
    const char *key;
    size_t index;
    json_t *item, *copy;
    if (json_is_string(value))
        return change(value);
    if (json_is_array(value)) {
        copy = json_array();
        json_array_foreach (value, index, item)
            json_array_append_new(copy, map_strings(item, change));
        return copy;
    }
    if (!json_is_object(value))
        return json_incref(value);
    copy = json_object();
    json_object_foreach (value, key, item)
        json_object_set_new_nocheck(copy, key, map_strings(item, change));
    return copy;
}

static json_t *print_error(const struct err *err)
{
    return json_pack("{s:{s:s,s:s,s:s,s:i,s:s,s:s}}", "error", "kind", err_kind_name(err->kind),
                     "code", err->code, "alias", err->alias, "status", err->status, "request_id",
                     err->request_id, "message", err->message);
}

static json_t *print_request(const struct proto_request *request)
{
    json_t *headers = json_array();
    for (size_t i = 0; i < request->header_count; i++)
        json_array_append_new(headers, json_pack("[ss]", proto_request_header_name(request, i),
                                                 proto_request_header_value(request, i)));
    return json_pack("{s:s,s:s,s:s,s:s,s:s,s:o,s:o}", "method", request->method, "host_prefix",
                     request->host_prefix, "bucket", request->bucket, "path",
                     buf_text(&request->path), "query", buf_text(&request->query), "headers",
                     headers, "body", base64_of("", buf_text(&request->body), request->body.len));
}

static json_t *encode(const struct model *model, model_operation operation, json_t *given)
{
    struct err err = {0};
    struct proto_request request;
    json_t *params = map_strings(given, unmark);
    proto_request_init(&request);
    json_t *reported = proto_validate(model, operation, params, &err) == 0 &&
                               proto_encode(model, operation, params, &request, &err) == 0
                           ? print_request(&request)
                           : print_error(&err);
    proto_request_clear(&request);
    json_decref(params);
    return reported;
}

static json_t *decode(const struct model *model, model_operation operation, const json_t *given)
{
    struct err err = {0};
    struct http_header headers[MAX_GIVEN];
    struct http_response response = {.status = (int)json_get_integer(given, "status", 200),
                                     .headers = headers};
    size_t index;
    json_t *pair, *result = NULL;
    json_t *body = bytes_of(json_get_string(given, "body", ""));
    response.body = json_string_value(body);
    response.body_length = json_string_length(body);
    json_array_foreach (json_object_get(given, "headers"), index, pair) {
        if (index == MAX_GIVEN)
            break;
        headers[index].name = json_string_value(json_array_get(pair, 0));
        headers[index].value = json_string_value(json_array_get(pair, 1));
        response.header_count = index + 1;
    }
    int done = proto_decode(model, operation, &response, &result, &err);
    json_t *reported =
        done == 0 ? json_pack("{s:o}", "result", map_strings(result, put_mark)) : print_error(&err);
    json_decref(result);
    json_decref(body);
    return reported;
}

static json_t *answer(struct model_set *set, const json_t *line)
{
    struct err err = {0};
    model_operation operation;
    const struct model *model = model_open(set, json_get_string(line, "service", ""), &err);
    if (model == NULL ||
        model_find_operation(model, json_get_string(line, "operation", ""), &operation, &err) != 0)
        return print_error(&err);
    const json_t *response = json_object_get(line, "response");
    return response != NULL ? decode(model, operation, response)
                            : encode(model, operation, json_object_get(line, "params"));
}

static void answer_line(struct model_set *set, const char *text, size_t length)
{
    struct err err = {0};
    json_t *line = json_parse(text, length, &err);
    json_t *reported = line != NULL ? answer(set, line) : print_error(&err);
    char *out = json_text(reported);
    puts(out);
    mem_free(out);
    json_decref(reported);
    json_decref(line);
}

int main(int argc, char **argv)
{
    mem_install();
    if (argc != 2)
        return 64;
    struct model_set *set = model_set_new(argv[1]);
    char *line = NULL;
    size_t size = 0;
    for (ssize_t length; (length = getline(&line, &size, stdin)) > 0;)
        answer_line(set, line, (size_t)length);
    free(line);
    model_set_free(set);
    return 0;
}
