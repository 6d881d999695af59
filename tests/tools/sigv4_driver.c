/* Signs requests from stdin, one JSON object per line, and prints one JSON object per line, for
 * tests that compare with other signers. Keys as in struct sigv4_request and struct sigv4_key,
 * headers as a list of pairs, "presign": true for a query. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/sigv4/sigv4.h"
#include "aws/sigv4/sigv4_keys.h"
#include "base/mem.h"
#include "value/json.h"

#define MAX_GIVEN 200

static size_t read_headers(const json_t *line, struct http_header *headers)
{
    size_t index;
    json_t *pair;
    size_t count = 0;
    json_array_foreach (json_object_get(line, "headers"), index, pair) {
        if (count == MAX_GIVEN)
            break;
        headers[count].name = json_string_value(json_array_get(pair, 0));
        headers[count++].value = json_string_value(json_array_get(pair, 1));
    }
    return count;
}

static struct sigv4_request read_request(const json_t *line, struct http_header *headers)
{
    const json_t *body = json_object_get(line, "body");
    return (struct sigv4_request){
        .method = json_get_string(line, "method", "GET"),
        .host = json_get_string(line, "host", ""),
        .path = json_get_string(line, "path", ""),
        .query = json_get_string(line, "query", ""),
        .headers = headers,
        .header_count = read_headers(line, headers),
        .body = json_string_value(body),
        .body_length = json_string_length(body),
        .payload_hash = json_get_string(line, "payload_hash", NULL),
        .region = json_get_string(line, "region", ""),
        .service = json_get_string(line, "service", ""),
        .time_ms = json_get_integer(line, "time", 0) * 1000,
        .normalize_path = json_get_bool(line, "normalize_path", false),
        .encode_path = json_get_bool(line, "encode_path", false),
        .sign_body = json_get_bool(line, "sign_body", false),
        .omit_session_token = json_get_bool(line, "omit_session_token", false),
        .expires = json_get_integer(line, "expires", 0),
    };
}

static json_t *give_headers(const struct sigv4_result *result)
{
    json_t *list = json_array();
    for (size_t i = 0; i < result->header_count; i++) {
        const struct http_header *header = &result->headers[i];
        json_array_append_new(list, json_pack("[ss]", header->name, header->value));
    }
    return list;
}

static json_t *answer(const json_t *line, struct sigv4_result *result)
{
    struct http_header headers[MAX_GIVEN];
    struct sigv4_request request = read_request(line, headers);
    struct sigv4_key key = {
        .access_key = json_get_string(line, "access_key", ""),
        .secret_key = json_get_string(line, "secret_key", ""),
        .session_token = json_get_string(line, "session_token", NULL),
    };
    struct err err = {0};
    int failed = json_get_bool(line, "presign", false) ? sigv4_presign(&request, &key, result, &err)
                                                       : sigv4_sign(&request, &key, result, &err);
    if (failed != 0)
        return json_pack("{ss}", "error", err.message);
    return json_pack("{ss ss ss ss so}", "canonical_request", buf_text(&result->canonical_request),
                     "string_to_sign", buf_text(&result->string_to_sign), "signature",
                     result->signature, "query", buf_text(&result->query), "headers",
                     give_headers(result));
}

static int work(const char *text, size_t length, struct sigv4_result *result)
{
    struct err err = {0};
    json_t *line = json_parse(text, length, &err);
    json_t *reply = line != NULL ? answer(line, result) : NULL;
    if (reply == NULL) {
        fprintf(stderr, "sigv4_driver: %s\n", err.message);
        json_decref(line);
        return -1;
    }
    char *shown = json_text(reply);
    puts(shown);
    mem_free(shown);
    json_decref(reply);
    json_decref(line);
    return 0;
}

int main(void)
{
    char *text = NULL;
    size_t size = 0;
    ssize_t length;
    struct sigv4_result result;
    int status = EXIT_SUCCESS;
    mem_install();
    sigv4_result_init(&result);
    while (status == EXIT_SUCCESS && (length = getline(&text, &size, stdin)) > 0) {
        if (work(text, (size_t)length, &result) != 0)
            status = EXIT_FAILURE;
    }
    free(text);
    sigv4_result_clear(&result);
    sigv4_forget();
    return status;
}
