#include "aws/creds/creds_sts.h"

#include <stdio.h>
#include <string.h>

#include "aws/creds/creds.h"
#include "aws/creds/creds_exchange.h"
#include "aws/creds/creds_read.h"
#include "aws/creds/creds_sts_reply.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/mem.h"
#include "value/uri.h"
#include "value/xml.h"

#define MAX_BODY (128u << 10)
#define MAX_REPLY (256u << 10)
#define TOTAL_MS 30000
#define SESSION_S 3600
#define MAX_POLICY 2048

struct sts {
    const struct creds_env *env;
    struct creds_provider *provider; /* the provider to report to */
    struct creds_provider *source;   /* the caller's; NULL: a web identity token is used */
    struct creds_waiter *waiter;     /* for the source's credentials */
    struct creds *caller;            /* held while a request is in progress */
    struct creds_exchange exchange;
    struct sigv4_result signature;
    char *role_arn;
    char *session_name; /* NULL: a new one for each session */
    char *session_prefix;
    char *external_id;
    char *session_policy;
    char *region;
    char *token_file;
    int duration_s;
    int64_t skew_ms;
    struct creds *creds; /* read, not yet reported */
    int refusal_s;
    struct err *refusal;      /* valid until then; NULL: access was not denied */
    int64_t refused_until_ms; /* wall clock: it counts while Lambda freezes the function */
};

static const char *operation_of(const struct sts *sts)
{
    return sts->token_file != NULL ? "AssumeRoleWithWebIdentity" : "AssumeRole";
}

static void let_go(struct sts *sts)
{
    creds_drop(sts->caller);
    sts->caller = NULL;
}

/* Only what was decided about the role: all else may be over the next time. */
static void keep_refusal(struct sts *sts, const struct err *err)
{
    if (sts->refusal_s == 0 || strcmp(err->code, "AccessDenied") != 0)
        return;
    if (sts->refusal == NULL)
        sts->refusal = mem_alloc(sizeof *sts->refusal);
    *sts->refusal = *err;
    sts->refused_until_ms = clock_wall_ms() + (int64_t)sts->refusal_s * 1000;
}

static void fail(struct sts *sts, const struct err *error)
{
    struct err err = *error;
    let_go(sts);
    creds_sts_explain(operation_of(sts), sts->role_arn, &err);
    keep_refusal(sts, &err);
    creds_callback(sts->provider, NULL, &err);
}

static void add(struct buf *body, const char *name, const char *value)
{
    if (value == NULL)
        return;
    buf_addc(body, '&');
    buf_adds(body, name);
    buf_addc(body, '=');
    uri_encode(body, value, strlen(value), false);
}

/* A session policy does not limit what a resource policy grants to the session by its name. So the
 * name must not be predictable, and a name seen in a log must not be valid for the next session. */
static void add_session_name(const struct sts *sts, struct buf *body)
{
    unsigned char bytes[16];
    char hex[33];
    random_bytes(bytes, sizeof bytes);
    digest_hex(bytes, sizeof bytes, hex);
    char *name = mem_printf("%s%s", sts->session_prefix, hex);
    add(body, "RoleSessionName", sts->session_name != NULL ? sts->session_name : name);
    mem_free(name);
}

static int write_token(const struct sts *sts, struct buf *body, struct err *err)
{
    if (sts->token_file == NULL)
        return 0;
    char *token = creds_read_file(sts->token_file, err); /* the file is updated in place */
    if (token == NULL)
        return -1;
    add(body, "WebIdentityToken", token);
    mem_free_secret(token);
    return 0;
}

static int write_body(const struct sts *sts, struct buf *body, struct err *err)
{
    if (sts->session_policy != NULL && strlen(sts->session_policy) > MAX_POLICY)
        return err_set(err, ERR_PARAM,
                       "the session policy has %zu characters; at most %d are allowed",
                       strlen(sts->session_policy), MAX_POLICY);
    buf_addf(body, "Action=%s&Version=2011-06-15", operation_of(sts));
    add(body, "RoleArn", sts->role_arn);
    add_session_name(sts, body);
    buf_addf(body, "&DurationSeconds=%d", sts->duration_s);
    add(body, "ExternalId", sts->external_id);
    add(body, "Policy", sts->session_policy);
    if (write_token(sts, body, err) != 0)
        return -1;
    return body->failed ? err_set(err, ERR_LIMIT, "the request is too long") : 0;
}

static int sign(struct sts *sts, const struct creds_endpoint *endpoint,
                const struct http_request *request, struct err *err)
{
    const struct sigv4_request text = {
        .method = request->method,
        .host = endpoint->host,
        .path = endpoint->path,
        .query = "",
        .headers = request->headers,
        .header_count = request->header_count,
        .body = request->body,
        .body_length = request->body_length,
        .region = endpoint->region,
        .service = "sts",
        .time_ms = clock_wall_ms() + sts->skew_ms,
        .normalize_path = true,
        .encode_path = true,
    };
    return sigv4_sign(&text, &sts->caller->key, &sts->signature, err);
}

static int send_body(struct sts *sts, const struct creds_endpoint *endpoint, const struct buf *body,
                     struct err *err)
{
    struct http_header headers[7] = {
        {"content-type", "application/x-www-form-urlencoded; charset=utf-8"}};
    struct http_request request = {
        .method = "POST",
        .url = endpoint->url,
        .headers = headers,
        .header_count = 1,
        .body = body->data,
        .body_length = body->len,
        .total_timeout_ms = TOTAL_MS,
        .max_response = MAX_REPLY,
    };
    if (sts->caller != NULL) {
        if (sign(sts, endpoint, &request, err) != 0)
            return -1;
        for (size_t i = 0; i < sts->signature.header_count; i++)
            headers[request.header_count++] = sts->signature.headers[i];
    }
    if (sts->env->trace_id != NULL)
        headers[request.header_count++] =
            (struct http_header){"X-Amzn-Trace-Id", sts->env->trace_id};
    creds_exchange_send(&sts->exchange, &request);
    return 0;
}

static void ask(struct sts *sts)
{
    struct creds_endpoint endpoint;
    struct buf body;
    struct err err = {0};
    buf_init(&body, MAX_BODY);
    int failed = creds_sts_endpoint(sts->env, sts->region, &endpoint, &err);
    if (failed == 0)
        failed = write_body(sts, &body, &err);
    if (failed == 0)
        failed = send_body(sts, &endpoint, &body, &err);
    if (body.data != NULL)
        explicit_bzero(body.data, body.len);
    buf_clear(&body);
    if (failed != 0)
        fail(sts, &err);
}

static void on_caller(void *arg, struct creds *creds, const struct err *err)
{
    struct sts *sts = arg;
    sts->waiter = NULL;
    if (creds == NULL) {
        creds_callback(sts->provider, NULL, err);
        return;
    }
    let_go(sts);
    sts->caller = creds_hold(creds);
    ask(sts);
}

static void again(void *owner)
{
    struct sts *sts = owner;
    if (sts->source == NULL) {
        ask(sts);
        return;
    }
    struct creds_waiter *waiter = creds_get(sts->source, on_caller, sts);
    if (waiter != NULL)
        sts->waiter = waiter;
}

static void fetch(void *self, struct creds_provider *provider)
{
    struct sts *sts = self;
    sts->provider = provider;
    if (sts->refusal != NULL && clock_wall_ms() < sts->refused_until_ms) {
        creds_callback(provider, NULL, sts->refusal);
        return;
    }
    creds_exchange_begin(&sts->exchange, 0);
    again(sts);
}

static void mend(void *owner, enum retry_class what, const struct http_response *response)
{
    struct sts *sts = owner;
    if (what == RETRY_SKEW)
        sts->skew_ms = retry_clock_skew(response);
    else if (sts->source != NULL)
        creds_expire(sts->source, sts->caller);
}

static struct creds *read_keys(const struct xml_node *keys, struct err *err)
{
    const char *access_key = xml_child_text(keys, "AccessKeyId");
    const char *secret_key = xml_child_text(keys, "SecretAccessKey");
    const char *token = xml_child_text(keys, "SessionToken");
    const char *expiration = xml_child_text(keys, "Expiration");
    int64_t expires_ms = 0;
    if (access_key == NULL || secret_key == NULL || token == NULL || expiration == NULL ||
        clock_parse_rfc3339(expiration, &expires_ms) != 0) {
        err_set(err, ERR_PARSE, "the response contains no credentials");
        return NULL;
    }
    return creds_new(access_key, secret_key, token, expires_ms);
}

static int read_success(struct sts *sts, const struct http_response *response, struct err *err)
{
    struct err ignored = {0};
    char result[64];
    struct xml_document *document = xml_parse(response->body, response->body_length, &ignored);
    if (document == NULL)
        return err_set(err, ERR_PARSE, "the response is not XML: is this the address of STS?");
    snprintf(result, sizeof result, "%sResult", operation_of(sts));
    const struct xml_node *node = xml_child(xml_root(document), result);
    sts->creds = read_keys(xml_child(node, "Credentials"), err);
    xml_free(document);
    return sts->creds != NULL ? 0 : -1;
}

static int read_reply(void *owner, const struct http_response *response, struct err *err)
{
    if (response->status < 200 || response->status > 299)
        return creds_sts_error(response, err);
    return read_success(owner, response, err);
}

static void ended(void *owner, const struct err *error)
{
    struct sts *sts = owner;
    struct creds *creds = sts->creds;
    sts->creds = NULL;
    if (error != NULL) {
        fail(sts, error);
        return;
    }
    let_go(sts);
    creds_callback(sts->provider, creds, NULL);
}

static void cancel(void *self)
{
    struct sts *sts = self;
    if (sts->waiter != NULL)
        creds_cancel(sts->waiter);
    sts->waiter = NULL;
    creds_exchange_cancel(&sts->exchange);
    let_go(sts);
}

static void release(void *self)
{
    struct sts *sts = self;
    creds_provider_drop(sts->source);
    sigv4_result_clear(&sts->signature);
    mem_free(sts->role_arn);
    mem_free(sts->session_name);
    mem_free(sts->session_prefix);
    mem_free_secret(sts->external_id);
    mem_free(sts->session_policy);
    mem_free(sts->region);
    mem_free(sts->token_file);
    mem_free(sts->refusal);
    mem_free(sts);
}

struct creds_provider *creds_sts(const struct creds_env *env, struct creds_provider *source,
                                 const struct creds_sts_options *options)
{
    static const struct creds_source how = {.fetch = fetch, .cancel = cancel, .free = release};
    static const struct creds_exchange_ops ops = {
        .again = again, .read = read_reply, .ended = ended, .mend = mend};
    const struct creds_assume *assume = &options->assume;
    struct sts *sts = mem_alloc(sizeof *sts);
    sts->env = env;
    sts->source = source != NULL ? creds_provider_hold(source) : NULL;
    sts->role_arn = mem_strdup(assume->role_arn);
    sts->session_name = mem_strdup(assume->session_name);
    sts->session_prefix =
        mem_strdup(assume->session_prefix != NULL ? assume->session_prefix : "engine-");
    sts->external_id = mem_strdup(assume->external_id);
    sts->session_policy = mem_strdup(assume->session_policy);
    sts->region = mem_strdup(options->region);
    sts->token_file = mem_strdup(options->token_file);
    sts->duration_s = assume->duration_s > 0 ? assume->duration_s : SESSION_S;
    sts->refusal_s = assume->refusal_s;
    sigv4_result_init(&sts->signature);
    creds_exchange_init(&sts->exchange, env, &ops, sts);
    return creds_provider_new(&how, sts);
}

struct creds_provider *creds_assume_role(const struct creds_env *env, struct creds_provider *source,
                                         const struct creds_assume *options)
{
    const struct creds_sts_options sts = {.assume = *options};
    return creds_sts(env, source, &sts);
}

bool creds_sts_policy_too_large(const struct err *err)
{
    return strcmp(err->code, "PackedPolicyTooLarge") == 0;
}
