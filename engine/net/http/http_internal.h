/* The layout of the transport and of its transfers, for the files of this room alone. http starts
 * transfers, http_multi joins libcurl to the loop, http_idle ends those that stall; http_transfer
 * stands below these and over http_easy (a request as options) and http_reply (the answer). */
#ifndef NET_HTTP_HTTP_INTERNAL_H
#define NET_HTTP_HTTP_INTERNAL_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "net/http/http.h"
#include "net/http/http_ca.h"
#include "net/loop/loop.h"

/* A header of the answer: where its name and value start in `head`. */
struct header_place {
    uint32_t name;
    uint32_t value;
};

/* One transfer, with its easy handle and its memory. Belongs to the caller of start until done is
 * called or it is cancelled, and waits in the pool for the next one after that. */
struct http_transfer {
    struct http *http;
    CURL *easy;
    struct http_transfer *next; /* in the active list or in the pool */
    struct http_transfer *previous;
    http_done done;
    void *arg;
    bool sent;                  /* the connection stood, so bytes may have left */
    bool too_large;             /* the answer */
    bool paused;                /* until there is room for more of the answer */
    int socket_error;           /* errno where no socket could be had, or 0 */
    const char *refusal;        /* why the request cannot be sent */
    struct loop_timer *refused; /* tells so */
    int64_t idle_ms;
    int64_t total_ms;
    int64_t connect_ms;
    int64_t progress; /* when the last byte was seen */
    curl_off_t uploaded;
    int64_t began;       /* when the connection stood */
    int64_t marked;      /* slow answers: when it was last looked how much there is; 0: not yet */
    size_t marked_bytes; /* how much there was */
    struct buf url;
    struct buf body; /* of the request */
    struct buf text; /* the request's header lines, each ended by NUL */
    struct curl_slist *lines;
    size_t line_capacity;
    struct buf reply;
    struct buf head; /* the answer's names and values, each ended by NUL */
    struct header_place *places;
    size_t place_count;
    size_t place_capacity;
    char error[CURL_ERROR_SIZE];
};

struct http {
    struct loop *loop;
    CURLM *multi;
    CURLSH *share;
    struct loop_timer *timer; /* libcurl's */
    int64_t timer_due;
    struct loop_timer *idle_timer;
    int64_t idle_due;
    struct http_transfer *active;
    struct http_transfer *pool;
    long in_flight;
    size_t held, max_held;       /* bytes of answers in all transfers */
    struct http_transfer *large; /* the one that goes on where there is no room; NULL: none yet */
    struct loop_timer *resume_timer;
    long cached;     /* connections that libcurl may keep */
    long cached_max; /* 0: no limit */
    char *ca_bundle; /* as the options name it */
    struct http_ca ca;
    char *user_agent;
    const char *plain_proxy; /* HTTP_PROXY, which libcurl reads in lower case only */
};

#endif
