#include "net/recording/recorded_exchange.h"

#include <string.h>
#include <strings.h>

#include "base/digest.h"
#include "base/mem.h"
#include "net/recording/redaction.h"
#include "net/recording/redaction_json.h"
#include "net/recording/redaction_names.h"
#include "net/recording/redaction_text.h"
#include "value/json.h"
#include "value/uri.h"

#define MAX_TEXT (4 * HTTP_MAX_RESPONSE)

static void set_text(json_t *object, const char *key, const char *text, size_t length)
{
    if (length > 0)
        json_object_set_new_nocheck(object, key, json_stringn_nocheck(text, length));
}

/* ---- the request ---- */

static const char *header_of(const struct http_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (strcasecmp(request->headers[i].name, name) == 0)
            return request->headers[i].value;
    }
    return NULL;
}

const char *recorded_token(const struct http_request *request)
{
    return header_of(request, "x-amz-security-token");
}

/* An emulator serves all regions at one address, so the region is read from the signature. */
static void set_scope(json_t *object, const struct http_request *request)
{
    const char *text = header_of(request, "authorization");
    const char *at = text != NULL ? strstr(text, "Credential=") : NULL;
    for (int parts = 0; at != NULL && parts < 2; parts++) { /* skips access key and date */
        at = strchr(at, '/');
        at += at != NULL;
    }
    const char *end = at != NULL ? strstr(at, "/aws4_request") : NULL;
    if (end != NULL)
        set_text(object, "scope", at, (size_t)(end - at));
}

/* Headers that determine what is requested. Headers that sign the request, change every time, or
 * hold keys are left out. */
static bool header_matters(const char *name)
{
    static const char *const others[] = {"date", "sha256", "token", "key", "secret", "password"};
    if (strncmp(name, "x-amz-", 6) != 0)
        return strcmp(name, "content-type") == 0 || strcmp(name, "range") == 0;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (strstr(name, others[i]) != NULL)
            return false;
    }
    return true;
}

static void set_header(json_t *headers, const struct redaction *redaction, const char *name,
                       const char *value)
{
    const char *secret = redaction_marked(redaction, name, strlen(name));
    const char *shown = secret != NULL ? secret : value;
    if (header_matters(name))
        set_text(headers, name, shown, strlen(shown));
}

static void set_headers(json_t *object, const struct http_request *request,
                        const struct redaction *redaction)
{
    json_t *headers = json_object();
    for (size_t i = 0; i < request->header_count; i++) {
        char *name = mem_strdup(request->headers[i].name);
        for (char *c = name; *c != '\0'; c++)
            *c = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
        set_header(headers, redaction, name, request->headers[i].value);
        mem_free(name);
    }
    if (json_object_size(headers) > 0)
        json_object_set(object, "headers", headers);
    json_decref(headers);
}

/* Adds text, or base64 for bytes that are not text. */
static void set_bytes(json_t *object, const char *bytes, size_t length)
{
    json_t *text = json_stringn(bytes, length);
    if (text != NULL) {
        json_object_set_new_nocheck(object, "body", text);
        return;
    }
    struct buf encoded;
    buf_init(&encoded, length * 2 + 16);
    base64_encode(bytes, length, &encoded);
    set_text(object, "body_base64", buf_text(&encoded), encoded.len);
    buf_clear(&encoded);
}

static bool is_form(const struct http_request *request)
{
    const char *type = header_of(request, "content-type");
    return type != NULL && strncasecmp(type, "application/x-www-form-urlencoded", 33) == 0;
}

static void set_request_body(json_t *object, const struct http_request *request,
                             const struct redaction *redaction)
{
    struct err ignored = {0};
    struct buf text;
    if (request->body_length == 0)
        return;
    json_t *value = json_parse(request->body, request->body_length, &ignored);
    if (json_is_object(value)) {
        redaction_json(redaction, value);
        json_object_set_new_nocheck(object, "body", value);
        return;
    }
    json_decref(value);
    buf_init(&text, MAX_TEXT);
    if (is_form(request))
        redaction_form(redaction, &text, request->body, request->body_length);
    else
        redaction_body(redaction, &text, request->body, request->body_length);
    set_bytes(object, buf_text(&text), text.len);
    buf_clear(&text);
}

static void set_address(json_t *object, const struct http_request *request,
                        const struct redaction *redaction)
{
    struct err ignored = {0};
    struct uri uri;
    struct buf text;
    if (uri_parse(request->url, &uri, &ignored) != 0)
        return;
    buf_init(&text, MAX_TEXT);
    uri_host_header(&uri, &text);
    set_text(object, "host", buf_text(&text), text.len);
    const char *hidden = redaction_marked(redaction, "/", 1);
    const char *path = hidden != NULL ? hidden : uri.path;
    set_text(object, "path", path, strlen(path));
    buf_reset(&text);
    redaction_form(redaction, &text, uri.query, strlen(uri.query));
    set_text(object, "query", buf_text(&text), text.len);
    buf_clear(&text);
    uri_clear(&uri);
}

json_t *recorded_request(const struct http_request *request)
{
    json_t *object = json_object();
    struct redaction redaction;
    const char *account = request->account != NULL ? request->account : "";
    redaction_begin(&redaction, request->marks, false, recorded_token(request));
    set_text(object, "method", request->method, strlen(request->method));
    set_address(object, request, &redaction);
    set_text(object, "account", account, strlen(account));
    set_scope(object, request);
    set_headers(object, request, &redaction);
    set_request_body(object, request, &redaction);
    redaction_end(&redaction);
    return object;
}

char *recorded_role(const json_t *request)
{
    static const char action[] = "Action=AssumeRole&";
    const char *body = json_get_string(request, "body", "");
    const char *role = strstr(body, "&RoleArn=");
    if (strncmp(body, action, sizeof action - 1) != 0 || role == NULL)
        return NULL;
    role += strlen("&RoleArn=");
    return mem_strndup(role, strcspn(role, "&"));
}

/* The part that distinguishes a request from similar ones: its query, or its body. Free with
 * mem_free. */
static char *distinguishing_part(const json_t *request)
{
    const json_t *body = json_object_get(request, "body");
    const char *query = json_get_string(request, "query", NULL);
    if (query != NULL || body == NULL)
        return mem_strdup(query != NULL ? query : "");
    return json_is_string(body) ? mem_strdup(json_string_value(body)) : json_text(body);
}

char *recorded_name(const json_t *request)
{
    const char *target = json_get_string(json_object_get(request, "headers"), "x-amz-target", "");
    const char *account = json_get_string(request, "account", "");
    char *essence = distinguishing_part(request);
    char *name = mem_printf(
        "%s %s%s (%s%s%s%s%.300s)%s%s", json_get_string(request, "method", ""),
        json_get_string(request, "host", ""), json_get_string(request, "path", ""),
        json_get_string(request, "scope", ""), target[0] != '\0' ? " " : "", target,
        essence[0] != '\0' ? " " : "", essence, account[0] != '\0' ? " in account " : "", account);
    mem_free(essence);
    return name;
}

/* ---- the response ---- */

static json_t *error_answer(const struct err *err)
{
    json_t *error =
        json_pack("{s:s, s:b}", "kind", err_kind_name(err->kind), "sent", err->status != 0);
    json_object_set_new(error, "message", json_string_nocheck(err->message)); /* may be cut */
    return json_pack("{s:o}", "error", error);
}

static void add_header(json_t *headers, const struct http_header *header,
                       const struct redaction *redaction)
{
    const char *marked = redaction_marked(redaction, header->name, strlen(header->name));
    bool is_secret = strcmp(header->name, "set-cookie") == 0 ||
                     strstr(header->name, "token") != NULL || strstr(header->name, "key") != NULL;
    if (!is_secret || strcmp(header->name, "x-amz-server-side-encryption-aws-kms-key-id") == 0)
        json_array_append_new(
            headers, json_pack("[s, o]", header->name,
                               json_string_nocheck(marked != NULL ? marked : header->value)));
}

json_t *recorded_answer(const struct redaction_marks *marks, const char *token,
                        const struct http_response *response, const struct err *err)
{
    struct buf body;
    struct redaction redaction;
    if (response == NULL)
        return error_answer(err);
    json_t *headers = json_array();
    redaction_begin(&redaction, marks, true, token);
    for (size_t i = 0; i < response->header_count; i++)
        add_header(headers, &response->headers[i], &redaction);
    json_t *answer = json_pack("{s:i, s:o}", "status", response->status, "headers", headers);
    buf_init(&body, MAX_TEXT);
    redaction_body(&redaction, &body, response->body, response->body_length);
    redaction_end(&redaction);
    if (body.len > 0)
        set_bytes(answer, buf_text(&body), body.len);
    buf_clear(&body);
    return answer;
}

bool recorded_is_transient(const json_t *answer)
{
    static const char *const words[] = {"Throttl",      "TooManyRequests", "RequestLimitExceeded",
                                        "ExpiredToken", "RequestExpired",  "TimeTooSkewed"};
    json_int_t status = json_get_integer(answer, "status", 0);
    const char *body = json_get_string(answer, "body", "");
    if (status == 0 || status == 429 || status >= 500)
        return true;
    for (size_t i = 0; status >= 400 && i < sizeof words / sizeof *words; i++) {
        if (strstr(body, words[i]) != NULL)
            return true;
    }
    return false;
}

static enum err_kind kind_of(const char *name)
{
    static const enum err_kind kinds[] = {ERR_TIMEOUT, ERR_LIMIT};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(err_kind_name(kinds[i]), name) == 0)
            return kinds[i];
    }
    return ERR_NET;
}

static void deliver_error(const json_t *error, http_done done, void *arg)
{
    struct err err = {0};
    err_set(&err, kind_of(json_get_string(error, "kind", "")), "%s",
            json_get_string(error, "message", ""));
    err.status = json_get_bool(error, "sent", true) ? 1 : 0;
    done(arg, NULL, &err);
}

static void read_body(const json_t *answer, struct buf *body)
{
    const json_t *text = json_object_get(answer, "body");
    const char *encoded = json_get_string(answer, "body_base64", "");
    buf_init(body, MAX_TEXT);
    if (json_is_string(text))
        buf_add(body, json_string_value(text), json_string_length(text));
    else
        base64_decode(encoded, strlen(encoded), body);
}

static const char *text_at(const json_t *pair, size_t index)
{
    const char *text = json_string_value(json_array_get(pair, index));
    return text != NULL ? text : "";
}

void recorded_deliver(const json_t *answer, http_done done, void *arg)
{
    const json_t *error = json_object_get(answer, "error");
    const json_t *list = json_object_get(answer, "headers");
    struct buf body;
    if (error != NULL) {
        deliver_error(error, done, arg);
        return;
    }
    struct http_response response = {.status = (int)json_get_integer(answer, "status", 0),
                                     .header_count = json_array_size(list),
                                     .sent = true};
    struct http_header *headers = mem_alloc((response.header_count + 1) * sizeof *headers);
    for (size_t i = 0; i < response.header_count; i++) {
        headers[i].name = text_at(json_array_get(list, i), 0);
        headers[i].value = text_at(json_array_get(list, i), 1);
    }
    read_body(answer, &body);
    response.headers = headers;
    response.body = buf_text(&body);
    response.body_length = body.len;
    done(arg, &response, NULL);
    buf_clear(&body);
    mem_free(headers);
}
