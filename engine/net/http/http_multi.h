/* libcurl's sockets and timer on the loop. All of its watches and timers are housekeeping:
 * transfers in flight hold the loop, idle connections do not. Serves http; calls http_transfer. */
#ifndef NET_HTTP_HTTP_MULTI_H
#define NET_HTTP_HTTP_MULTI_H

struct http;
struct http_options;

void http_multi_init(struct http *http, const struct http_options *options);
void http_multi_clear(struct http *http);
void http_multi_grow(struct http *http); /* lets it keep as many connections as are in use */

#endif
