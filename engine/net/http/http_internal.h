/* The layout of the transport and of its transfers, for the files of this room only. http starts
 * transfers, http_multi joins libcurl to the loop, http_idle ends transfers that stall.
 * http_transfer is below these, and above http_easy (the request's options), http_reply (the
 * response) and http_sockets. */
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

/* A header of the response: offsets of its name and value in `head`. */
struct header_offsets {
    uint32_t name;
    uint32_t value;
};

/* One transfer, with its easy handle and its memory. The caller of start owns it until `done` is
 * called or it is cancelled. Then it goes back to the pool, to be reused. */
struct http_transfer {
    struct http *http;
    CURL *easy;
    struct http_transfer *next; /* in the active list or in the pool */
    struct http_transfer *previous;
    http_done done;
    void *arg;
    bool sent;                  /* the connection was established, so bytes may have been sent */
    bool no_proxy;              /* the handle is set to use none */
    bool too_large;             /* the response */
    bool paused;                /* until there is room for more of the response */
    int socket_error;           /* errno if no socket could be created, else 0 */
    const char *refusal;        /* why the request cannot be sent */
    struct loop_timer *refused; /* reports the refusal */
    int64_t idle_ms;
    int64_t total_ms;
    int64_t connect_ms;
    int64_t progress; /* when the last byte was sent or received */
    curl_off_t uploaded;
    int64_t began;       /* when the connection was established */
    int64_t marked;      /* slow responses: time of the last check; 0: none yet */
    size_t marked_bytes; /* bytes received at that check */
    struct buf url;
    struct buf body; /* of the request */
    struct buf text; /* the request's header lines, each ended by NUL */
    struct curl_slist *lines;
    size_t line_capacity;
    struct buf reply;
    struct buf head; /* the response's names and values, each ended by NUL */
    struct header_offsets *headers;
    size_t header_count;
    size_t header_capacity;
    char error[CURL_ERROR_SIZE];
};

/* A socket by its descriptor. */
struct http_socket {
    struct loop_watch *watch; /* NULL: none yet */
    bool ours;                /* made by http_socket_open, so http_socket_close will close it */
};

struct http {
    struct loop *loop;
    CURLM *multi;
    CURLSH *share;
    struct loop_timer *timer; /* libcurl's */
    int64_t timer_due;
    struct loop_timer *idle_timer;
    int64_t idle_due;
    struct http_socket *sockets; /* by descriptor */
    int socket_count;
    struct http_transfer *active;
    struct http_transfer *pool;
    long in_flight;
    size_t held, max_held;       /* bytes of responses in all transfers */
    long paused;                 /* number of transfers that wait for room */
    struct http_transfer *large; /* the one transfer that may exceed max_held; NULL: none yet */
    struct loop_timer *resume_timer;
    long cached;     /* connections that libcurl may keep open */
    long cached_max; /* 0: no limit */
    char *ca_bundle; /* as set in the options */
    struct http_ca ca;
    char *user_agent;
    bool no_proxy;           /* none is configured */
    const char *plain_proxy; /* HTTP_PROXY: libcurl reads only its lower-case name */
};

#endif
