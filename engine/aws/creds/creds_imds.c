#include "aws/creds/creds_imds.h"

#include <string.h>
#include <strings.h>

#include "aws/creds/creds.h"
#include "aws/creds/creds_exchange.h"
#include "aws/creds/creds_read.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "value/json.h"
#include "value/uri.h"

#define CONNECT_MS 1000
#define TOTAL_MS 3000
#define MAX_REPLY (64u << 10)
#define MAX_LINE 512
#define GRACE_MS (10 * 60 * 1000)
#define ROLES "/latest/meta-data/iam/security-credentials/"

enum stage { STAGE_TOKEN, STAGE_ROLE, STAGE_KEYS };

struct imds {
    const struct creds_env *env;
    struct creds_provider *provider;
    struct creds_exchange exchange;
    enum stage stage;
    char token[MAX_LINE];
    char role[MAX_LINE];
    struct creds *creds; /* read, not yet reported */
};

static bool is_word(const char *value, const char *word)
{
    return value != NULL && strcasecmp(value, word) == 0;
}

/* Without a trailing slash; free with mem_free. NULL with err if the variable is not a URL. */
static char *address(const struct creds_env *env, struct err *err)
{
    const char *text = creds_getenv(env, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
    const char *mode = creds_getenv(env, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
    struct uri uri;
    if (text == NULL)
        return mem_strdup(is_word(mode, "IPv6") ? "http://[fd00:ec2::254]"
                                                : "http://169.254.169.254");
    if (uri_parse(text, &uri, err) != 0) {
        err_prefix(err, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
        return NULL;
    }
    uri_clear(&uri);
    size_t length = strlen(text);
    while (length > 0 && text[length - 1] == '/')
        length--;
    return mem_strndup(text, length);
}

static void send_to(struct imds *imds, const char *url)
{
    const struct http_header ttl = {"x-aws-ec2-metadata-token-ttl-seconds", "21600"};
    const struct http_header token = {"x-aws-ec2-metadata-token", imds->token};
    const struct http_request request = {
        .method = imds->stage == STAGE_TOKEN ? "PUT" : "GET",
        .url = url,
        .headers = imds->stage == STAGE_TOKEN ? &ttl : &token,
        .header_count = 1,
        .connect_timeout_ms = CONNECT_MS,
        .total_timeout_ms = TOTAL_MS,
        .max_response = MAX_REPLY,
        .no_proxy = true,
    };
    creds_exchange_send(&imds->exchange, &request);
}

static void again(void *owner)
{
    struct imds *imds = owner;
    struct err err = {0};
    char *base = address(imds->env, &err);
    if (base == NULL) {
        creds_callback(imds->provider, NULL, &err);
        return;
    }
    struct buf url;
    buf_init(&url, 8u << 10);
    buf_adds(&url, base);
    buf_adds(&url, imds->stage == STAGE_TOKEN ? "/latest/api/token" : ROLES);
    if (imds->stage == STAGE_KEYS)
        uri_encode(&url, imds->role, strlen(imds->role), false);
    send_to(imds, buf_text(&url));
    buf_clear(&url);
    mem_free(base);
}

/* The token is requested once: without a metadata service, every attempt takes a second. */
static void begin(struct imds *imds, enum stage stage)
{
    imds->stage = stage;
    creds_exchange_begin(&imds->exchange, stage == STAGE_TOKEN ? 1 : 0);
    again(imds);
}

static void fetch(void *self, struct creds_provider *provider)
{
    struct imds *imds = self;
    struct err err = {0};
    imds->provider = provider;
    if (is_word(creds_getenv(imds->env, "AWS_EC2_METADATA_DISABLED"), "true")) {
        err_set(&err, ERR_CREDS, "instance metadata: turned off by AWS_EC2_METADATA_DISABLED=true");
        creds_callback(provider, NULL, &err);
        return;
    }
    begin(imds, STAGE_TOKEN);
}

static int refuse_status(const struct imds *imds, int status, struct err *err)
{
    err->status = status;
    if (imds->stage != STAGE_TOKEN && status == 404)
        return err_set(err, ERR_CREDS, "no role is attached to this instance");
    if (imds->stage == STAGE_TOKEN)
        err_set(err, ERR_API,
                "no session token was returned (status %d): IMDSv2 must be enabled, and in a "
                "container the hop limit must be 2",
                status);
    else
        err_set(err, ERR_API, "the metadata service returned status %d", status);
    err->status = status;
    return -1;
}

/* Reads the first line of a text. It becomes part of a header or a path. */
static int read_line(const struct http_response *response, char out[MAX_LINE], struct err *err)
{
    size_t length = 0;
    while (length < response->body_length && response->body[length] > ' ' &&
           response->body[length] < 0x7f)
        length++;
    bool ends = length == response->body_length || response->body[length] == '\n' ||
                response->body[length] == '\r';
    if (length == 0 || length >= MAX_LINE || !ends)
        return err_set(err, ERR_CREDS,
                       "the metadata service returned something other than a token or role name");
    memcpy(out, response->body, length);
    out[length] = '\0';
    return 0;
}

/* Expects {"Code": "Success", …}; any other code is the reason why the role cannot be used. */
static int read_code(const struct http_response *response, struct err *err)
{
    json_t *object = json_parse(response->body, response->body_length, NULL);
    const char *code = json_get_string(object, "Code", "Success");
    int result = 0;
    if (strcmp(code, "Success") != 0)
        result = err_set(err, ERR_CREDS, "the instance's role cannot be used (%.100s)", code);
    creds_json_free(object);
    return result;
}

/* While the metadata service cannot renew keys it returns expired ones, and AWS still accepts them.
 * SDKs use them and ask again later. */
static void extend(struct creds *creds)
{
    int64_t now = clock_wall_ms();
    if (creds->expires_ms == 0 || creds->expires_ms > now)
        return;
    log_warn("the instance's credentials have expired, but stay in use until the metadata service "
             "has new ones");
    creds->expires_ms = now + GRACE_MS;
}

static int read_keys(struct imds *imds, const struct http_response *response, struct err *err)
{
    if (read_code(response, err) != 0)
        return -1;
    imds->creds = creds_from_json(response->body, response->body_length, "Token",
                                  "the metadata service", err);
    if (imds->creds == NULL)
        return -1;
    extend(imds->creds);
    return 0;
}

static int read_reply(void *owner, const struct http_response *response, struct err *err)
{
    struct imds *imds = owner;
    if (response->status != 200)
        return refuse_status(imds, response->status, err);
    switch (imds->stage) {
    case STAGE_TOKEN: return read_line(response, imds->token, err);
    case STAGE_ROLE: return read_line(response, imds->role, err);
    case STAGE_KEYS: break;
    }
    return read_keys(imds, response, err);
}

static void ended(void *owner, const struct err *error)
{
    struct imds *imds = owner;
    struct err err = error != NULL ? *error : (struct err){0};
    if (error == NULL && imds->stage != STAGE_KEYS) {
        begin(imds, imds->stage + 1);
        return;
    }
    struct creds *creds = imds->creds;
    imds->creds = NULL;
    explicit_bzero(imds->token, sizeof imds->token);
    if (error != NULL) {
        err.kind = err.kind == ERR_API ? ERR_CREDS : err.kind;
        err_prefix(&err, "instance metadata");
    }
    creds_callback(imds->provider, creds, error != NULL ? &err : NULL);
}

static void cancel(void *self)
{
    creds_exchange_cancel(&((struct imds *)self)->exchange);
}

struct creds_provider *creds_imds(const struct creds_env *env)
{
    static const struct creds_source source = {.fetch = fetch, .cancel = cancel, .free = mem_free};
    static const struct creds_exchange_ops ops = {
        .again = again, .read = read_reply, .ended = ended};
    struct imds *imds = mem_alloc(sizeof *imds);
    imds->env = env;
    creds_exchange_init(&imds->exchange, env, &ops, imds);
    return creds_provider_new(&source, imds);
}
