/* Describes errors for the reader: names the host and what to do, but never the query or a header,
 * which may hold a signature. Serves http_multi and http_idle. */
#ifndef NET_HTTP_HTTP_FAULT_H
#define NET_HTTP_HTTP_FAULT_H

#include <curl/curl.h>

#include "base/err.h"

struct http_transfer;

/* Sets err for an error of libcurl, for an idle transfer, or for one that was too slow. */
void http_fault(const struct http_transfer *transfer, CURLcode code, struct err *err);
void http_fault_idle(const struct http_transfer *transfer, struct err *err);
void http_fault_slow(const struct http_transfer *transfer, struct err *err);

#endif
