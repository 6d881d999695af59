#include "net/http/http_multi.h"

#include <stdio.h>
#include <stdlib.h>

#include "net/http/http.h"
#include "net/http/http_fault.h"
#include "net/http/http_internal.h"
#include "net/http/http_sockets.h"
#include "net/http/http_transfer.h"

#define FEWEST_CACHED 64

static void collect(struct http *http)
{
    int left;
    CURLMsg *message;
    while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
        struct http_transfer *transfer;
        struct err err = {0};
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
        if (code != CURLE_OK)
            http_fault(transfer, code, &err);
        http_finish(transfer, code != CURLE_OK ? &err : NULL);
    }
}

static void act(struct http *http, curl_socket_t socket, int events)
{
    int running;
    curl_multi_socket_action(http->multi, socket, events, &running);
    collect(http);
}

static void on_ready(void *arg, int fd, bool readable, bool writable)
{
    act(arg, fd, (readable ? CURL_CSELECT_IN : 0) | (writable ? CURL_CSELECT_OUT : 0));
}

static int on_socket(CURL *easy, curl_socket_t socket, int what, void *arg, void *known)
{
    bool read = what == CURL_POLL_IN || what == CURL_POLL_INOUT;
    bool write = what == CURL_POLL_OUT || what == CURL_POLL_INOUT;
    (void)easy;
    (void)known;
    http_socket_watch(arg, socket, read, write, on_ready);
    return 0;
}

static void on_timeout(void *arg)
{
    struct http *http = arg;
    http->timer = NULL;
    act(http, CURL_SOCKET_TIMEOUT, 0);
}

static int on_timer(CURLM *multi, long ms, void *arg)
{
    struct http *http = arg;
    int64_t due = loop_now(http->loop) + ms;
    (void)multi;
    if (http->timer != NULL && ms >= 0 && http->timer_due == due)
        return 0;
    loop_cancel(http->loop, http->timer);
    http->timer = NULL;
    if (ms >= 0) {
        http->timer = loop_after(http->loop, ms, on_timeout, http);
        http->timer_due = due;
        loop_timer_background(http->loop, http->timer);
    }
    return 0;
}

void http_multi_init(struct http *http, const struct http_options *options)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    http->multi = curl_multi_init();
    http->share = curl_share_init();
    if (http->multi == NULL || http->share == NULL) {
        fputs("engine: libcurl cannot be used\n", stderr);
        abort();
    }
    /* Each connection has its own SSL context. TLS sessions are shared, so all can resume them. */
    curl_share_setopt(http->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
    curl_multi_setopt(http->multi, CURLMOPT_MAX_HOST_CONNECTIONS, options->max_host_connections);
    http->cached_max = options->max_idle_connections;
    http->cached = FEWEST_CACHED;
    if (http->cached_max > 0 && http->cached > http->cached_max)
        http->cached = http->cached_max;
    curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, http->cached);
}

void http_multi_grow(struct http *http)
{
    if (http->in_flight <= http->cached || http->cached_max > 0)
        return;
    http->cached *= 2;
    curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, http->cached);
}

void http_multi_clear(struct http *http)
{
    curl_multi_cleanup(http->multi);
    curl_share_cleanup(http->share);
    http_sockets_clear(http);
    loop_cancel(http->loop, http->timer);
    curl_global_cleanup();
}
