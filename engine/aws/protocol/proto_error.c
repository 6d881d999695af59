#include "aws/protocol/proto_error.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "aws/protocol/shape.h"
#include "value/json.h"
#include "value/xml.h"

static void copy(char *out, size_t size, const char *text, size_t length)
{
    snprintf(out, size, "%.*s", (int)(length < size ? length : size), text);
}

/* "aws.protocoltests#FooError:http://…" becomes FooError. */
static void set_code(struct err *err, const char *text)
{
    size_t length = strcspn(text, ":");
    const char *hash = memrchr(text, '#', length);
    if (hash != NULL) {
        length -= (size_t)(hash + 1 - text);
        text = hash + 1;
    }
    copy(err->code, sizeof err->code, text, length);
}

static void set_message(struct err *err, const char *text)
{
    copy(err->message, sizeof err->message, text, strlen(text));
}

static void set_request_id(struct err *err, const char *text)
{
    if (text != NULL && err->request_id[0] == '\0')
        copy(err->request_id, sizeof err->request_id, text, strlen(text));
}

/* ---- XML ---- */

/* ErrorResponse/Error, Response/Errors/Error (ec2), Error (S3), or the root itself. */
static const struct xml_node *error_node(const struct xml_node *root)
{
    const struct xml_node *error = xml_child(root, "Error");
    if (error == NULL)
        error = xml_child(xml_child(root, "Errors"), "Error");
    return error != NULL ? error : root;
}

static void xml_request_id(struct err *err, const struct xml_node *root,
                           const struct xml_node *error)
{
    static const char *const names[] = {"RequestId", "RequestID", "requestId"};
    const struct xml_node *metadata = xml_child(root, "ResponseMetadata");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        set_request_id(err, xml_child_text(root, names[i]));
        set_request_id(err, xml_child_text(error, names[i]));
        set_request_id(err, xml_child_text(metadata, names[i]));
    }
}

static void from_xml(struct err *err, const struct http_response *response)
{
    struct xml_document *document = xml_parse(response->body, response->body_length, NULL);
    if (document == NULL)
        return;
    const struct xml_node *root = xml_root(document), *error = error_node(root);
    const char *code = xml_child_text(error, "Code"), *message = xml_child_text(error, "Message");
    if (message == NULL)
        message = xml_child_text(error, "message");
    /* Codes of EC2 and S3 are taken unchanged: they may contain dots, never '#' or ':'. */
    if (code != NULL)
        copy(err->code, sizeof err->code, code, strlen(code));
    if (message != NULL)
        set_message(err, message);
    xml_request_id(err, root, error);
    xml_free(document);
}

/* ---- JSON ---- */

static const char *first_string(const json_t *body, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *text = json_get_string(body, names[i], NULL);
        if (text != NULL && text[0] != '\0')
            return text;
    }
    return NULL;
}

/* restJson1 services use "code"; an error of awsJson may have a member of that name. */
static const char *json_code(const struct proto *proto, const json_t *body)
{
    static const char *const rest[] = {"code", "Code", "__type"};
    static const char *const rpc[] = {"__type", "code", "Code"};
    bool is_rest = proto->service->protocol == MODEL_REST_JSON;
    return first_string(body, is_rest ? rest : rpc, 3);
}

static void from_json(const struct proto *proto, struct err *err,
                      const struct http_response *response)
{
    static const char *const messages[] = {"message", "Message", "errorMessage",
                                           "error_description"};
    json_t *body = json_parse(response->body, response->body_length, NULL);
    const char *code = json_code(proto, body);
    const char *message = first_string(body, messages, sizeof messages / sizeof *messages);
    if (code != NULL)
        set_code(err, code);
    if (message != NULL)
        set_message(err, message);
    json_decref(body);
}

/* ---- headers and status ---- */

static const char *header(const struct http_response *response, const char *name)
{
    for (size_t i = 0; i < response->header_count; i++) {
        if (strcasecmp(response->headers[i].name, name) == 0)
            return response->headers[i].value;
    }
    return NULL;
}

/* "AWS.SimpleQueueService.NonExistentQueue;Sender": the code in the query protocol. */
static void query_error(struct err *err, const char *value)
{
    if (value != NULL && strchr(value, ';') != NULL)
        copy(err->alias, sizeof err->alias, value, strcspn(value, ";"));
}

static void from_headers(const struct proto *proto, struct err *err,
                         const struct http_response *response)
{
    const char *type = header(response, "x-amzn-errortype");
    if (type != NULL && type[0] != '\0')
        set_code(err, type);
    if (proto->service->protocol == MODEL_JSON || proto->service->protocol == MODEL_REST_JSON)
        query_error(err, header(response, "x-amzn-query-error"));
    set_request_id(err, header(response, "x-amzn-requestid"));
    set_request_id(err, header(response, "x-amz-request-id"));
    set_request_id(err, header(response, "x-amzn-request-id"));
}

struct status {
    int status;
    const char *phrase; /* RFC 9110 section 15 */
    const char *code;   /* the code that AWS uses when it sends one */
};

static const struct status statuses[] = {
    {301, "Moved Permanently", "PermanentRedirect"},
    {302, "Found", ""},
    {304, "Not Modified", "NotModified"},
    {307, "Temporary Redirect", "TemporaryRedirect"},
    {400, "Bad Request", "BadRequest"},
    {401, "Unauthorized", "Unauthorized"},
    {403, "Forbidden", "AccessDenied"},
    {404, "Not Found", "NotFound"},
    {405, "Method Not Allowed", "MethodNotAllowed"},
    {408, "Request Timeout", "RequestTimeout"},
    {409, "Conflict", "Conflict"},
    {411, "Length Required", "MissingContentLength"},
    {412, "Precondition Failed", "PreconditionFailed"},
    {413, "Content Too Large", "RequestEntityTooLarge"},
    {416, "Range Not Satisfiable", "InvalidRange"},
    {429, "Too Many Requests", "TooManyRequests"},
    {500, "Internal Server Error", "InternalError"},
    {501, "Not Implemented", "NotImplemented"},
    {502, "Bad Gateway", ""},
    {503, "Service Unavailable", "ServiceUnavailable"},
    {504, "Gateway Timeout", ""},
};

static const struct status *status_of(int status)
{
    static const struct status unknown = {0, "unknown status", ""};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        if (statuses[i].status == status)
            return &statuses[i];
    }
    return &unknown;
}

/* The only error with this status in the operation's model, or NULL. */
static const char *modelled_code(const struct proto *proto, model_operation operation, int status)
{
    struct model_error error;
    const char *found = NULL;
    for (size_t i = 0; i < model_error_count(proto->model, operation); i++) {
        model_error_at(proto->model, operation, i, &error);
        if (error.status != status)
            continue;
        if (found != NULL)
            return NULL;
        found = error.code;
    }
    return found;
}

/* Did AWS leave the body out? It only does so in responses to HEAD, and gives each response an id.
 * Any other response without error information comes from something in between, such as a proxy:
 * its 404 says nothing about the resource. */
static bool is_bodiless(const struct proto *proto, const struct err *err)
{
    return strcmp(proto->operation->http_method, "HEAD") == 0 && err->request_id[0] != '\0';
}

/* A response without error information. Its code is the status, as in botocore; the alias is the
 * code that AWS would have sent. */
static void from_status(const struct proto *proto, struct err *err)
{
    const struct status *known = status_of(err->status);
    model_operation operation;
    const char *code = NULL;
    if (is_bodiless(proto, err) &&
        model_find_operation(proto->model, proto->operation->name, &operation, NULL) == 0)
        code = modelled_code(proto, operation, err->status);
    snprintf(err->code, sizeof err->code, "%d", err->status);
    if (err->alias[0] == '\0')
        snprintf(err->alias, sizeof err->alias, "%s", code != NULL ? code : known->code);
}

static char first_byte(const struct http_response *response)
{
    for (size_t i = 0; i < response->body_length; i++) {
        if (strchr(" \t\r\n\xef\xbb\xbf", response->body[i]) == NULL)
            return response->body[i];
    }
    return '\0';
}

/* If a signature was refused, the lines after the first hold the canonical request with the session
 * token (IAM user guide, "Troubleshoot Signature Version 4"). */
static void cut_canonical_request(struct err *err)
{
    if (strcmp(err->code, "SignatureDoesNotMatch") == 0 ||
        strcmp(err->code, "InvalidSignatureException") == 0)
        err->message[strcspn(err->message, "\r\n")] = '\0';
}

int proto_error(struct proto *proto, const struct http_response *response, int status)
{
    struct err own, *err = proto->err != NULL ? proto->err : &own;
    err_set(err, ERR_API, "%s", "");
    err->status = status;
    char first = first_byte(response);
    if (first == '<')
        from_xml(err, response);
    else if (first == '{')
        from_json(proto, err, response);
    from_headers(proto, err, response);
    if (err->code[0] == '\0')
        from_status(proto, err);
    if (err->message[0] == '\0')
        set_message(err, status_of(status)->phrase);
    cut_canonical_request(err);
    return -1;
}

/* Returns the position after the XML declaration. */
static const char *after_declaration(const char *at, const char *end)
{
    while (at < end && strchr(" \t\r\n", *at) != NULL)
        at++;
    const char *close = end - at > 5 && memcmp(at, "<?xml", 5) == 0
                            ? memmem(at, (size_t)(end - at), "?>", 2)
                            : NULL;
    if (close == NULL)
        return at;
    for (at = close + 2; at < end && strchr(" \t\r\n", *at) != NULL;)
        at++;
    return at;
}

static bool has_raw_payload(const struct proto *proto)
{
    struct model_shape_info output, shape;
    struct model_member member;
    if (proto->operation->output == MODEL_NO_SHAPE)
        return false;
    model_shape_info(proto->model, proto->operation->output, &output);
    if (output.payload[0] == '\0' ||
        !model_member_find(proto->model, proto->operation->output, output.payload, &member))
        return false;
    model_shape_info(proto->model, member.shape, &shape);
    return shape.type == MODEL_BLOB || shape.type == MODEL_STRING;
}

/* S3: "Copying objects", "a 200 OK response can contain either a success or an error". */
bool proto_is_disguised_error(const struct proto *proto, const struct http_response *response)
{
    static const char *const roots[] = {"<Error>", "<Error ", "<ErrorResponse>", "<ErrorResponse "};
    if (proto->service->protocol == MODEL_JSON || proto->service->protocol == MODEL_REST_JSON ||
        response->body_length == 0 || has_raw_payload(proto))
        return false;
    const char *end = response->body + response->body_length;
    const char *at = after_declaration(response->body, end);
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
        size_t length = strlen(roots[i]);
        if ((size_t)(end - at) >= length && memcmp(at, roots[i], length) == 0)
            return true;
    }
    return false;
}
