/* Joins libcurl's sockets and timer to the loop. They are all background watches: a transfer in
 * flight keeps the loop running, an idle connection does not. Serves http; calls http_transfer and
 * http_sockets. */
#ifndef NET_HTTP_HTTP_MULTI_H
#define NET_HTTP_HTTP_MULTI_H

struct http;
struct http_options;

void http_multi_init(struct http *http, const struct http_options *options);
void http_multi_clear(struct http *http);
void http_multi_grow(struct http *http); /* lets libcurl keep as many connections as are in use */

#endif
