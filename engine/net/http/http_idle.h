/* Transfers that see no byte for too long, or hardly any for longer. One timer for all, due when
 * the first of them could be; libcurl's own limit (CURLOPT_LOW_SPEED_TIME) counts in seconds only.
 * Serves http; calls http_transfer. */
#ifndef NET_HTTP_HTTP_IDLE_H
#define NET_HTTP_HTTP_IDLE_H

#include <stdint.h>

struct http;

/* A transfer may expire at that time, unless it sees a byte before. */
void http_idle_expect(struct http *http, int64_t due);

#endif
