/* What went wrong, for whoever reads it: names the host and what to do, never the query or a
 * header, which may hold a signature. Serves http_multi and http_idle. */
#ifndef NET_HTTP_HTTP_FAULT_H
#define NET_HTTP_HTTP_FAULT_H

#include <curl/curl.h>

#include "base/err.h"

struct http_transfer;

/* Sets err to what libcurl reports, to a transfer that was idle, or to one that was too slow. */
void http_fault(const struct http_transfer *transfer, CURLcode code, struct err *err);
void http_fault_idle(const struct http_transfer *transfer, struct err *err);
void http_fault_slow(const struct http_transfer *transfer, struct err *err);

#endif
