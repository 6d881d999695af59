#include "net/http/http_sockets.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/http/http_internal.h"

#define FEWEST 64

static struct http_socket *socket_of(struct http *http, curl_socket_t fd)
{
    if (fd >= http->socket_count) {
        int count = http->socket_count > 0 ? http->socket_count : FEWEST;
        while (count <= fd)
            count *= 2;
        http->sockets = mem_resize(http->sockets, (size_t)count * sizeof *http->sockets);
        for (int i = http->socket_count; i < count; i++)
            http->sockets[i] = (struct http_socket){0};
        http->socket_count = count;
    }
    return &http->sockets[fd];
}

static void forget(struct http *http, struct http_socket *known)
{
    loop_unwatch(http->loop, known->watch);
    *known = (struct http_socket){0};
}

/* Keeps errno if no socket can be created: libcurl drops it. */
curl_socket_t http_socket_open(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct http_transfer *transfer = arg;
    (void)purpose;
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    transfer->socket_error = fd < 0 ? errno : 0;
    if (fd < 0)
        return CURL_SOCKET_BAD;
    socket_of(transfer->http, fd)->ours = true;
    return fd;
}

int http_socket_close(void *arg, curl_socket_t fd)
{
    forget(arg, socket_of(arg, fd));
    return close(fd);
}

/* libcurl closes the sockets of its resolver itself, so they are forgotten at once. */
void http_socket_watch(struct http *http, curl_socket_t fd, bool read, bool write,
                       loop_fd_fn on_ready)
{
    struct http_socket *known = socket_of(http, fd);
    if (known->watch != NULL)
        loop_watch_change(http->loop, known->watch, read, write);
    else if (read || write) {
        known->watch = loop_watch(http->loop, fd, read, write, on_ready, http);
        loop_watch_background(known->watch);
    }
    if (!read && !write && !known->ours)
        forget(http, known);
}

void http_sockets_clear(struct http *http)
{
    for (int fd = 0; fd < http->socket_count; fd++)
        forget(http, &http->sockets[fd]);
    mem_free(http->sockets);
}
