/* A request as options of an easy handle. Handles are reused: what stays the same is set once, what
 * differs is set for every request, and nothing is left over from the one before. Serves
 * http_transfer and http; calls http_ca and http_reply. */
#ifndef NET_HTTP_HTTP_EASY_H
#define NET_HTTP_HTTP_EASY_H

struct http_request;
struct http_transfer;

void http_easy_init(struct http_transfer *transfer);
/* -1 with transfer->refusal. */
int http_easy_setup(struct http_transfer *transfer, const struct http_request *request);

#endif
