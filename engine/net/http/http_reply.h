/* Receives the response: header lines and pieces of the body. Serves http_easy, which passes these
 * functions to libcurl, and http_transfer. */
#ifndef NET_HTTP_HTTP_REPLY_H
#define NET_HTTP_HTTP_REPLY_H

#include <stddef.h>

struct http_transfer;

/* CURLOPT_HEADERFUNCTION and CURLOPT_WRITEFUNCTION; arg is the transfer. */
size_t http_reply_header(char *line, size_t size, size_t count, void *arg);
size_t http_reply_body(char *bytes, size_t size, size_t count, void *arg);
/* A transfer has released its response: paused transfers may continue. */
void http_reply_released(struct http_transfer *transfer);

#endif
