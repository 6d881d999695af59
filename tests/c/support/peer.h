/* The other end of a connection: an HTTP server on the test's own loop that does what a test tells
 * it to. It does not keep the loop running, so loop_run ends when the engine's side is done. */
#ifndef SUPPORT_PEER_H
#define SUPPORT_PEER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "net/loop/loop.h"

struct peer;
struct peer_connection;

/* A whole request: its head and the Content-Length bytes after it. Valid during the call. */
struct peer_request {
    struct peer *peer;
    struct peer_connection *connection;
    const char *text;
    size_t length;
    size_t body; /* where the body starts in text */
    int number;  /* from 1, over all connections */
    int nth;     /* from 1, on this connection */
};

/* Answers with peer_send, peer_close or peer_reset; or not at all. */
typedef void (*peer_fn)(void *arg, const struct peer_request *request);

struct peer *peer_new(struct loop *loop, peer_fn fn, void *arg);
void peer_free(struct peer *peer);
int peer_port(const struct peer *peer);
int peer_requests(const struct peer *peer);
int peer_connections(const struct peer *peer);

void peer_send(const struct peer_request *request, const char *text);
void peer_send_bytes(struct peer_connection *connection, const void *bytes, size_t length);
void peer_close(struct peer_connection *connection);
void peer_reset(struct peer_connection *connection); /* the client sees ECONNRESET */

#endif
