/* One call: parameters in, result out. Serves all code that calls AWS; calls model, protocol,
 * credentials, pace and send. The client owns a call until it has ended. */
#ifndef AWS_CLIENT_CLIENT_CALL_H
#define AWS_CLIENT_CLIENT_CALL_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"

struct client;
struct session; /* client.h */

/* The content of an object, for an operation whose input streams it: sent as it is, without a
 * copy. */
struct call_payload {
    const void *bytes;
    size_t length;
    const char *sha256; /* hex */
};

struct call {
    const struct session *session;
    const char *region;
    const char *service; /* model name; '_' is read as '-' */
    const char *operation;
    const json_t *params;               /* borrowed during client_start; NULL: none */
    const struct call_payload *payload; /* borrowed until the call has ended; NULL: in params */
    bool once; /* do not repeat a change that may have been carried out, even if it has a token */
    bool repeatable; /* a change that may be carried out twice, such as writing a whole object */
};

/* Exactly one of result (borrowed; json_incref to keep it) and err is set. Called once, from the
 * loop, never from within client_start. err->operation is "service:Operation". */
typedef void (*client_done)(void *arg, json_t *result, const struct err *err);

struct client_call;
/* Checks names, permission and parameters, encodes the request, and queues it. Returns NULL and
 * sets err if any of these fails: then nothing was sent and nothing will be. */
struct client_call *client_start(struct client *client, const struct call *call, struct err *err,
                                 client_done done, void *arg);
void client_cancel(struct client *client, struct client_call *call); /* done is not called */

struct pace_uses;
extern const struct pace_uses client_call_uses; /* for client_new */

#endif
