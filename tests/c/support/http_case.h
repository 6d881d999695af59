/* What every test of the HTTP transport needs: a transport, a peer on the same loop, and the result
 * of the last transfer. */
#ifndef SUPPORT_HTTP_CASE_H
#define SUPPORT_HTTP_CASE_H

#include "net/http/http.h"
#include "support/peer.h"

#define OK_EMPTY "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

struct reported {
    int calls;
    int status; /* 0: it failed, with err */
    struct err err;
    char body[65536];
    size_t body_length;
    const char *wanted; /* name of a header, set by the test */
    char header[256];   /* its value */
};

struct http_case {
    struct reported reported;
    struct loop *loop;
    struct http *http;
    struct http_transport transport;
    struct peer *peer;
    char url[256];
    char seen[65536];   /* the last request */
    const char *answer; /* NULL: none */
};

extern struct http_case http_case;

/* For cmocka. The peer sends `answer`, 200 without a body at first. */
int http_case_open(void **state);
int http_case_close(void **state);

void http_case_serve(peer_fn fn); /* another peer, and its url */
void http_case_reopen(const struct http_options *options);

/* The case's url is used if the request has none. */
struct http_transfer *http_case_start(const struct http_request *request);
/* Runs the loop until nothing is left, and expects one callback. */
void http_case_run(const struct http_request *request);
void http_case_get(void);

#endif
