#include "aws/creds/creds_container.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "aws/creds/creds.h"
#include "aws/creds/creds_exchange.h"
#include "aws/creds/creds_read.h"
#include "base/mem.h"
#include "value/uri.h"

#define ECS_AGENT "http://169.254.170.2"
#define CONNECT_MS 2000
#define TOTAL_MS 10000
#define MAX_REPLY (64u << 10)

struct container {
    const struct creds_env *env;
    struct creds_provider *provider;
    struct creds_exchange exchange;
    struct creds *creds; /* read, not yet reported */
};

/* Over plain HTTP, keys are only accepted from this machine or from the agents' own addresses. */
static bool is_near(const char *host)
{
    struct in_addr v4;
    struct in6_addr v6;
    char bare[64] = "";
    size_t length = strlen(host);
    if (host[0] == '[' && length >= 2 && length < sizeof bare)
        memcpy(bare, host + 1, length - 2);
    if (strcmp(host, "localhost") == 0 || strcmp(host, "169.254.170.2") == 0 ||
        strcmp(host, "169.254.170.23") == 0)
        return true;
    if (inet_pton(AF_INET, host, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    if (inet_pton(AF_INET6, bare, &v6) != 1)
        return false;
    struct in6_addr eks;
    inet_pton(AF_INET6, "fd00:ec2::23", &eks);
    return IN6_IS_ADDR_LOOPBACK(&v6) || memcmp(&v6, &eks, sizeof v6) == 0;
}

static int check_full(const char *text, struct err *err)
{
    struct uri uri;
    if (uri_parse(text, &uri, err) != 0)
        return err_prefix(err, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
    bool allowed = strcmp(uri.scheme, "https") == 0 || is_near(uri.host);
    uri_clear(&uri);
    if (allowed)
        return 0;
    return err_set(err, ERR_CREDS,
                   "AWS_CONTAINER_CREDENTIALS_FULL_URI must be https, a loopback address, "
                   "169.254.170.2, 169.254.170.23 or [fd00:ec2::23]: keys are not requested "
                   "over an open network");
}

static const char *relative_uri(const struct creds_env *env)
{
    return creds_getenv(env, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
}

static const char *full_uri(const struct creds_env *env)
{
    return creds_getenv(env, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
}

bool creds_container_has(const struct creds_env *env)
{
    return relative_uri(env) != NULL || full_uri(env) != NULL;
}

/* Free with mem_free. */
static char *address(const struct creds_env *env, struct err *err)
{
    const char *relative = relative_uri(env);
    const char *full = full_uri(env);
    if (relative != NULL)
        return mem_printf(ECS_AGENT "%s%s", relative[0] == '/' ? "" : "/", relative);
    if (full == NULL) {
        err_set(err, ERR_CREDS,
                "no container credentials: neither "
                "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor "
                "AWS_CONTAINER_CREDENTIALS_FULL_URI is set");
        return NULL;
    }
    return check_full(full, err) == 0 ? mem_strdup(full) : NULL;
}

/* *token: free with mem_free_secret; NULL if there is none. */
static int authorization(const struct creds_env *env, char **token, struct err *err)
{
    const char *path = creds_getenv(env, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    const char *text = creds_getenv(env, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
    *token = path != NULL ? creds_read_file(path, err) : mem_strdup(text);
    if (path != NULL && *token == NULL)
        return err_prefix(err, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    if (*token == NULL || strpbrk(*token, "\r\n") == NULL)
        return 0;
    mem_free_secret(*token);
    return err_set(err, ERR_CREDS, "the container's authorization token contains a line break");
}

static int ask(struct container *container, struct err *err)
{
    char *token;
    char *url = address(container->env, err);
    if (url == NULL || authorization(container->env, &token, err) != 0) {
        mem_free(url);
        return -1;
    }
    const struct http_header headers[] = {{"accept", "application/json"}, {"authorization", token}};
    const struct http_request request = {
        .method = "GET",
        .url = url,
        .headers = headers,
        .header_count = token != NULL ? 2 : 1,
        .connect_timeout_ms = CONNECT_MS,
        .total_timeout_ms = TOTAL_MS,
        .max_response = MAX_REPLY,
        .no_proxy = strncasecmp(url, "https:", 6) != 0,
    };
    creds_exchange_send(&container->exchange, &request);
    mem_free_secret(token);
    mem_free(url);
    return 0;
}

static void again(void *owner)
{
    struct container *container = owner;
    struct err err = {0};
    if (ask(container, &err) != 0)
        creds_callback(container->provider, NULL, &err);
}

static void fetch(void *self, struct creds_provider *provider)
{
    struct container *container = self;
    container->provider = provider;
    creds_exchange_begin(&container->exchange, 0);
    again(container);
}

static int read_reply(void *owner, const struct http_response *response, struct err *err)
{
    struct container *container = owner;
    if (response->status != 200) {
        err_set(err, ERR_API, "the container's credential endpoint returned status %d",
                response->status);
        err->status = response->status;
        return -1;
    }
    container->creds = creds_from_json(response->body, response->body_length, "Token",
                                       "the container's credential endpoint", err);
    return container->creds != NULL ? 0 : -1;
}

static void ended(void *owner, const struct err *error)
{
    struct container *container = owner;
    struct creds *creds = container->creds;
    struct err err = error != NULL ? *error : (struct err){0};
    container->creds = NULL;
    if (error != NULL) {
        err.kind = err.kind == ERR_API ? ERR_CREDS : err.kind;
        err_prefix(&err, "container credentials");
    }
    creds_callback(container->provider, creds, error != NULL ? &err : NULL);
}

static void cancel(void *self)
{
    creds_exchange_cancel(&((struct container *)self)->exchange);
}

struct creds_provider *creds_container(const struct creds_env *env)
{
    static const struct creds_source source = {.fetch = fetch, .cancel = cancel, .free = mem_free};
    static const struct creds_exchange_ops ops = {
        .again = again, .read = read_reply, .ended = ended};
    struct container *container = mem_alloc(sizeof *container);
    container->env = env;
    creds_exchange_init(&container->exchange, env, &ops, container);
    return creds_provider_new(&source, container);
}
