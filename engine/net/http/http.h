/* HTTP/1.1 transfers with libcurl's multi interface (socket action): thousands at a time, on one
 * loop. Serves creds, client and the Lambda runtime. Redirects are not followed: AWS redirects only
 * between regions, and the client then signs the request again for the other region.
 *
 * A transport is a table of two functions, which tests, --record and --replay replace. */
#ifndef NET_HTTP_HTTP_H
#define NET_HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "net/loop/loop.h"

#define HTTP_MAX_RESPONSE (64u << 20)
/* The most bytes that all responses in progress may hold. Beyond it, all transfers except one
 * pause. */
#define HTTP_MAX_HELD (128u << 20)

struct redaction_marks;

struct http_header {
    const char *name;
    const char *value;
};

struct http_request {
    const char *method;
    const char *url;                   /* sent exactly as given; no path is normalized */
    const struct http_header *headers; /* the transport sets Content-Length and Host itself */
    size_t header_count;
    const void *body; /* copied, unless `borrowed` */
    size_t body_length;
    bool borrowed;           /* the body stays where it is until the transfer has ended */
    long connect_timeout_ms; /* 0: 10 s */
    long idle_timeout_ms;  /* without a byte; then a response must bring 1 KiB a second; 0: 60 s */
    long total_timeout_ms; /* 0: none */
    size_t max_response;   /* 0: HTTP_MAX_RESPONSE */
    /* A change: must be sent at most once. If a kept-alive connection is reset before any response,
     * libcurl silently sends the request again. So such a request gets a connection of its own. */
    bool once;
    bool no_proxy;       /* for metadata and runtime endpoints */
    const char *account; /* the account it concerns, if known; used only in recordings */
    const struct redaction_marks *marks; /* the secrets in request and response; copied; or NULL */
};

struct http_response {
    int status;
    struct http_header *headers; /* names in lower case */
    size_t header_count;
    const char *body;
    size_t body_length;
    bool sent; /* see http_done */
};

/* Called once, from the loop, never from within start. On an error `response` is NULL and err is
 * ERR_NET, ERR_TIMEOUT or ERR_LIMIT. err->status is 1 if any byte of the request may have reached
 * the peer, and 0 if it was certainly not sent (resolve, connect, TLS). The response is only valid
 * during the call. */
typedef void (*http_done)(void *arg, const struct http_response *response, const struct err *err);

struct http_transfer;

struct http_transport {
    struct http_transfer *(*start)(void *self, const struct http_request *request, http_done done,
                                   void *arg);
    void (*cancel)(void *self, struct http_transfer *transfer); /* done is not called */
    void *self;
};

struct http_options {
    const char *ca_bundle;     /* AWS_CA_BUNDLE, NULL: the system's */
    long max_host_connections; /* 0: no limit */
    long max_idle_connections; /* kept for reuse; 0: the most that were in use at once */
    const char *user_agent;
    size_t max_held; /* 0: HTTP_MAX_HELD */
};

struct http;
struct http *http_new(struct loop *loop, const struct http_options *options);
void http_free(struct http *http);
struct http_transport http_transport_of(struct http *http);

/* The value of a response header by its lower-case name, or NULL. */
const char *http_header_value(const struct http_response *response, const char *name);

#endif
