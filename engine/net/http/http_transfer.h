/* Takes transfers from the pool and puts them back, with handle and memory, and ends them. Serves
 * http, http_idle and http_multi, each of which ends transfers; calls http_easy and http_reply. */
#ifndef NET_HTTP_HTTP_TRANSFER_H
#define NET_HTTP_HTTP_TRANSFER_H

#include "base/err.h"

struct http;
struct http_transfer;

/* Takes a transfer from the pool, or creates one, and adds it to the list of active transfers. */
struct http_transfer *http_transfer_take(struct http *http);
/* Removes a transfer from libcurl and the loop: neither has a pointer to it any more. */
void http_transfer_detach(struct http_transfer *transfer);
/* Puts a detached transfer back into the pool. */
void http_transfer_give_back(struct http_transfer *transfer);
void http_transfer_free(struct http_transfer *transfer);
/* Ends a transfer. If err is NULL, with its response. */
void http_finish(struct http_transfer *transfer, const struct err *err);

#endif
