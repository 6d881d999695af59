#include "net/http/http_easy.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "net/http/http.h"
#include "net/http/http_ca.h"
#include "net/http/http_internal.h"
#include "net/http/http_reply.h"
#include "net/http/http_sockets.h"

#define MAX_URL (256u << 10)
#define MAX_HEADERS (1u << 20) /* of a request */
#define MAX_HEAD (128u << 10)  /* of a response: libcurl fails at 300 KiB, less clearly */
#define CONNECT_MS 10000
#define IDLE_MS 60000

/* libcurl calls this when the connection is established, TLS included, just before the first byte
 * of the request. If a transfer fails earlier, the request was certainly not sent. */
static int on_connection(void *arg, char *remote, char *local, int remote_port, int local_port)
{
    struct http_transfer *transfer = arg;
    (void)remote;
    (void)local;
    (void)remote_port;
    (void)local_port;
    transfer->sent = true;
    transfer->began = loop_now(transfer->http->loop);
    transfer->progress = loop_now(transfer->http->loop);
    return CURL_PREREQFUNC_OK;
}

static void set_callbacks(CURL *easy, struct http_transfer *transfer)
{
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, http_reply_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, http_reply_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_connection);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, http_socket_open);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, http_socket_close);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, transfer->http);
}

void http_easy_init(struct http_transfer *transfer)
{
    struct http *http = transfer->http;
    CURL *easy = curl_easy_init();
    transfer->easy = easy;
    set_callbacks(easy, transfer);
    curl_easy_setopt(easy, CURLOPT_SHARE, http->share);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, 16384L); /* TLS: each handle has one */
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 4096L);
    http_ca_set(&http->ca, easy);
    if (http->user_agent != NULL)
        curl_easy_setopt(easy, CURLOPT_USERAGENT, http->user_agent);
    buf_init(&transfer->url, MAX_URL);
    buf_init(&transfer->text, MAX_HEADERS);
    buf_init(&transfer->head, MAX_HEAD);
}

/* libcurl sets Host and Content-Length itself. A second one would be an attack on the peer's
 * parser. */
static bool is_ours(const char *name)
{
    return strcasecmp(name, "host") == 0 || strcasecmp(name, "content-length") == 0;
}

/* "name: value"; libcurl wants "name;" for an empty value. */
static int add_line(struct buf *text, const struct http_header *header)
{
    if (header->name[0] == '\0' || strpbrk(header->name, "\r\n:; ") != NULL ||
        strpbrk(header->value, "\r\n") != NULL)
        return -1;
    buf_adds(text, header->name);
    if (header->value[strspn(header->value, " \t")] == '\0')
        buf_addc(text, ';');
    else {
        buf_add(text, ": ", 2);
        buf_adds(text, header->value);
    }
    return buf_addc(text, '\0');
}

static bool has_header(const struct http_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (strcasecmp(request->headers[i].name, name) == 0)
            return true;
    }
    return false;
}

/* Suppresses headers that libcurl would add, unless the request sets them. */
static size_t suppress(struct buf *text, const struct http_request *request)
{
    static const char *const names[] = {"Expect", "Accept", "Content-Type"};
    size_t count = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (has_header(request, names[i]))
            continue;
        buf_adds(text, names[i]);
        buf_add(text, ":", 2);
        count++;
    }
    return count;
}

/* Links the lines as libcurl's list, in memory that is reused: curl_slist_append would allocate
 * twice for each line and walk the list. */
static struct curl_slist *link_lines(struct http_transfer *transfer, size_t count)
{
    char *text = transfer->text.data;
    if (count > transfer->line_capacity) {
        transfer->line_capacity = count * 2;
        transfer->lines =
            mem_resize(transfer->lines, transfer->line_capacity * sizeof *transfer->lines);
    }
    for (size_t i = 0; i < count; i++) {
        transfer->lines[i].data = text;
        transfer->lines[i].next = i + 1 < count ? &transfer->lines[i + 1] : NULL;
        text += strlen(text) + 1;
    }
    return count > 0 ? transfer->lines : NULL;
}

static int set_headers(struct http_transfer *transfer, const struct http_request *request)
{
    struct buf *text = &transfer->text;
    size_t count = 0;
    buf_reset(text);
    for (size_t i = 0; i < request->header_count; i++) {
        if (is_ours(request->headers[i].name))
            continue;
        if (add_line(text, &request->headers[i]) != 0) {
            transfer->refusal = "a header is too long, or contains a line break or an invalid name";
            return -1;
        }
        count++;
    }
    count += suppress(text, request);
    curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, link_lines(transfer, count));
    return 0;
}

/* RFC 9110 section 8.6: a request without content has Content-Length: 0 if its method normally has
 * content. These three methods do not. */
static bool means_no_body(const char *method)
{
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 ||
           strcmp(method, "OPTIONS") == 0;
}

static void set_method(struct http_transfer *transfer, const struct http_request *request)
{
    CURL *easy = transfer->easy;
    const char *usual = "POST";
    if (!request->borrowed)
        buf_add(&transfer->body, request->body, request->body_length);
    if (request->body_length == 0 && means_no_body(request->method)) {
        curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
        usual = "GET";
        if (strcmp(request->method, "HEAD") == 0) {
            curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
            usual = "HEAD";
        }
    } else {
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
                         request->borrowed ? request->body : buf_text(&transfer->body));
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
    }
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST,
                     strcmp(request->method, usual) != 0 ? request->method : NULL);
}

static void set_times(struct http_transfer *transfer, const struct http_request *request)
{
    transfer->connect_ms =
        request->connect_timeout_ms > 0 ? request->connect_timeout_ms : CONNECT_MS;
    transfer->idle_ms = request->idle_timeout_ms > 0 ? request->idle_timeout_ms : IDLE_MS;
    transfer->total_ms = request->total_timeout_ms;
    curl_easy_setopt(transfer->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)transfer->connect_ms);
    curl_easy_setopt(transfer->easy, CURLOPT_TIMEOUT_MS, (long)transfer->total_ms);
}

static void set_route(struct http_transfer *transfer, const struct http_request *request)
{
    const char *proxy = transfer->http->plain_proxy;
    bool plain = strncasecmp(request->url, "http:", 5) == 0;
    bool no_proxy = request->no_proxy || transfer->http->no_proxy;
    if (no_proxy != transfer->no_proxy)
        curl_easy_setopt(transfer->easy, CURLOPT_NOPROXY, no_proxy ? "*" : NULL);
    transfer->no_proxy = no_proxy;
    if (proxy != NULL)
        curl_easy_setopt(transfer->easy, CURLOPT_PROXY, plain ? proxy : NULL);
    /* libcurl sends a request again only if its connection was used before. */
    curl_easy_setopt(transfer->easy, CURLOPT_FRESH_CONNECT, request->once ? 1L : 0L);
}

static void forget_last(struct http_transfer *transfer, const struct http_request *request)
{
    transfer->sent = false;
    transfer->too_large = false;
    transfer->socket_error = 0;
    transfer->refusal = NULL;
    transfer->error[0] = '\0';
    transfer->progress = loop_now(transfer->http->loop);
    transfer->uploaded = 0;
    transfer->began = transfer->progress;
    transfer->marked = 0;
    transfer->header_count = 0;
    buf_reset(&transfer->url);
    transfer->body.max = request->body_length;
    transfer->reply.max = request->max_response > 0 ? request->max_response : HTTP_MAX_RESPONSE;
}

int http_easy_setup(struct http_transfer *transfer, const struct http_request *request)
{
    forget_last(transfer, request);
    if (buf_adds(&transfer->url, request->url) != 0) {
        transfer->refusal = "its URL is too long";
        return -1;
    }
    if (set_headers(transfer, request) != 0)
        return -1;
    curl_easy_setopt(transfer->easy, CURLOPT_URL, transfer->url.data);
    set_method(transfer, request);
    set_times(transfer, request);
    set_route(transfer, request);
    return 0;
}
