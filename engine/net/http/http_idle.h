/* Ends transfers that receive no byte for too long, or too few bytes. One timer serves all
 * transfers and fires when the first of them could expire; libcurl's own limit
 * (CURLOPT_LOW_SPEED_TIME) counts in seconds only. Serves http; calls http_transfer. */
#ifndef NET_HTTP_HTTP_IDLE_H
#define NET_HTTP_HTTP_IDLE_H

#include <stdint.h>

struct http;

/* A transfer may expire at time `due`, unless a byte arrives before. */
void http_idle_expect(struct http *http, int64_t due);

#endif
