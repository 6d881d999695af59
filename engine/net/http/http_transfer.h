/* A transfer from the pool and back, with its handle and its memory, and the end of one. Serves
 * http, http_idle and http_multi, each of which ends transfers; calls http_easy and http_reply. */
#ifndef NET_HTTP_HTTP_TRANSFER_H
#define NET_HTTP_HTTP_TRANSFER_H

#include "base/err.h"

struct http;
struct http_transfer;

/* A transfer from the pool, or a new one, in the list of active ones. */
struct http_transfer *http_transfer_take(struct http *http);
/* Off the wire: nothing of libcurl or the loop points to it any more. */
void http_transfer_detach(struct http_transfer *transfer);
/* Back to the pool, after it was detached. */
void http_transfer_give_back(struct http_transfer *transfer);
void http_transfer_free(struct http_transfer *transfer);
/* Ends a transfer: with its answer when err is NULL. */
void http_finish(struct http_transfer *transfer, const struct err *err);

#endif
