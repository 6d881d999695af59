/* Shared by the transport's own files: http.c starts and ends transfers, http_multi.c joins libcurl
 * to the loop, http_easy.c turns a request into options, http_reply.c gathers an answer,
 * http_fault.c says what went wrong, http_ca.c knows whom to trust. */
#ifndef NET_HTTP_HTTP_INTERNAL_H
#define NET_HTTP_HTTP_INTERNAL_H

#include <curl/curl.h>
#include <stdint.h>

#include "base/buf.h"
#include "net/http/http.h"

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

/* Authorities whose certificates are believed; libcurl's built-in ones where both are NULL. */
struct http_ca {
    const char *file;
    const char *directory;
    bool only; /* the user named them: no others */
    bool none; /* nothing was found anywhere */
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

void http_multi_init(struct http *http, const struct http_options *options);
void http_multi_clear(struct http *http);
void http_multi_grow(struct http *http); /* lets it keep as many connections as are in use */

void http_ca_find(const char *configured, struct http_ca *ca);
void http_ca_set(const struct http_ca *ca, CURL *easy);

void http_idle_expect(struct http *http, int64_t due);

void http_easy_init(struct http_transfer *transfer);
/* -1 with transfer->refusal. */
int http_easy_setup(struct http_transfer *transfer, const struct http_request *request);

size_t http_reply_header(char *line, size_t size, size_t count, void *arg);
/* A transfer has given its answer back: those that are paused may go on. */
void http_reply_drop(struct http_transfer *transfer);
size_t http_reply_body(char *bytes, size_t size, size_t count, void *arg);

void http_fault(const struct http_transfer *transfer, CURLcode code, struct err *err);
void http_fault_idle(const struct http_transfer *transfer, struct err *err);
void http_fault_slow(const struct http_transfer *transfer, struct err *err);

/* Ends a transfer: with its answer when err is NULL. */
void http_finish(struct http_transfer *transfer, const struct err *err);

#endif
