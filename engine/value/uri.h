/* URIs as AWS uses them: RFC 3986, with the encodings that SigV4 needs. */
#ifndef VALUE_URI_H
#define VALUE_URI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/* Percent-encodes all except A-Z a-z 0-9 - . _ ~ (and '/', if kept), in upper-case hex. */
int uri_encode(struct buf *out, const char *bytes, size_t length, bool keep_slash);
/* Decodes %XX; a '%' without two hex digits is kept. '+' is not changed. */
int uri_decode(struct buf *out, const char *text, size_t length);

struct uri {
    char *scheme; /* lower case: "http" or "https" */
    char *host;   /* lower case, without port; IPv6 in brackets */
    int port;     /* -1 when not given */
    char *path;   /* as written, "/" when empty */
    char *query;  /* without '?', "" when absent */
};

/* Reads an absolute http(s) URL; ERR_USAGE says what is wrong with it. Free with uri_clear. */
int uri_parse(const char *text, struct uri *uri, struct err *err);
void uri_clear(struct uri *uri);
/* "host" or "host:port" as in the Host header (the scheme's default port is left out). */
int uri_host_header(const struct uri *uri, struct buf *out);

#endif
