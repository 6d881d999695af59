/* Sets a request's options on an easy handle. Handles are reused: options that never change are set
 * once, all others for every request, so nothing remains from the request before. Serves
 * http_transfer and http; calls http_ca, http_reply and
 * http_sockets. */
#ifndef NET_HTTP_HTTP_EASY_H
#define NET_HTTP_HTTP_EASY_H

struct http_request;
struct http_transfer;

void http_easy_init(struct http_transfer *transfer);
/* Returns -1 and sets transfer->refusal on error. */
int http_easy_setup(struct http_transfer *transfer, const struct http_request *request);

#endif
