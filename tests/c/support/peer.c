#include "support/peer.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

#define MAX_REQUEST (8u << 20)

struct peer_connection {
    struct peer *peer;
    struct peer_connection *next;
    int fd; /* -1: closed */
    int requests;
    struct loop_watch *watch;
    struct buf input;
};

struct peer {
    struct loop *loop;
    peer_fn fn;
    void *arg;
    int fd;
    int port;
    int requests;
    int accepted;
    struct loop_watch *watch;
    struct peer_connection *connections;
};

static void must(bool ok, const char *what)
{
    if (!ok) {
        perror(what);
        abort();
    }
}

void peer_close(struct peer_connection *connection)
{
    if (connection->fd < 0)
        return;
    loop_unwatch(connection->peer->loop, connection->watch);
    close(connection->fd);
    connection->fd = -1;
}

void peer_reset(struct peer_connection *connection)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    peer_close(connection);
}

void peer_send_bytes(struct peer_connection *connection, const void *bytes, size_t length)
{
    const char *at = bytes;
    while (length > 0 && connection->fd >= 0) {
        ssize_t put = send(connection->fd, at, length, MSG_NOSIGNAL);
        if (put < 0) {
            peer_close(connection);
            return;
        }
        at += put;
        length -= (size_t)put;
    }
}

void peer_send(const struct peer_request *request, const char *text)
{
    peer_send_bytes(request->connection, text, strlen(text));
}

/* Length of the first complete request in the input, 0 if it is not complete yet. */
static size_t whole_request(const struct buf *input, size_t *body)
{
    const char *end = strstr(buf_text(input), "\r\n\r\n");
    if (end == NULL)
        return 0;
    *body = (size_t)(end - input->data) + 4;
    const char *length = strcasestr(input->data, "\r\ncontent-length:");
    size_t rest = length != NULL && length < end ? strtoul(length + 17, NULL, 10) : 0;
    return input->len >= *body + rest ? *body + rest : 0;
}

static void serve(struct peer_connection *connection)
{
    struct peer *peer = connection->peer;
    size_t body;
    size_t length;
    while (connection->fd >= 0 && (length = whole_request(&connection->input, &body)) > 0) {
        char *text = mem_strndup(connection->input.data, length);
        char *rest = mem_strndup(connection->input.data + length, connection->input.len - length);
        size_t rest_length = connection->input.len - length;
        buf_reset(&connection->input);
        buf_add(&connection->input, rest, rest_length);
        struct peer_request request = {
            peer, connection, text, length, body, ++peer->requests, ++connection->requests};
        peer->fn(peer->arg, &request);
        mem_free(text);
        mem_free(rest);
    }
}

static void on_input(void *arg, int fd, bool readable, bool writable)
{
    struct peer_connection *connection = arg;
    char bytes[65536];
    (void)readable;
    (void)writable;
    ssize_t got = recv(fd, bytes, sizeof bytes, 0);
    if (got <= 0) {
        peer_close(connection);
        return;
    }
    must(buf_add(&connection->input, bytes, (size_t)got) == 0, "a request that is too large");
    serve(connection);
}

static void on_connection(void *arg, int fd, bool readable, bool writable)
{
    struct peer *peer = arg;
    (void)readable;
    (void)writable;
    struct peer_connection *connection = mem_alloc(sizeof *connection);
    connection->peer = peer;
    connection->fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
    must(connection->fd >= 0, "accept4");
    buf_init(&connection->input, MAX_REQUEST);
    connection->watch = loop_watch(peer->loop, connection->fd, true, false, on_input, connection);
    loop_watch_background(connection->watch);
    connection->next = peer->connections;
    peer->connections = connection;
    peer->accepted++;
}

struct peer *peer_new(struct loop *loop, peer_fn fn, void *arg)
{
    struct peer *peer = mem_alloc(sizeof *peer);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    peer->loop = loop;
    peer->fn = fn;
    peer->arg = arg;
    peer->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(peer->fd >= 0 && bind(peer->fd, (struct sockaddr *)&address, length) == 0 &&
             listen(peer->fd, 512) == 0 &&
             getsockname(peer->fd, (struct sockaddr *)&address, &length) == 0,
         "listen");
    peer->port = ntohs(address.sin_port);
    peer->watch = loop_watch(loop, peer->fd, true, false, on_connection, peer);
    loop_watch_background(peer->watch);
    return peer;
}

void peer_free(struct peer *peer)
{
    while (peer->connections != NULL) {
        struct peer_connection *connection = peer->connections;
        peer->connections = connection->next;
        peer_close(connection);
        buf_clear(&connection->input);
        mem_free(connection);
    }
    loop_unwatch(peer->loop, peer->watch);
    close(peer->fd);
    mem_free(peer);
}

int peer_port(const struct peer *peer)
{
    return peer->port;
}

int peer_requests(const struct peer *peer)
{
    return peer->requests;
}

int peer_connections(const struct peer *peer)
{
    return peer->accepted;
}
