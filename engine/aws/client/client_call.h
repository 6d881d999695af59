/* One call: parameters in, result out. Serves whoever calls AWS; calls model, protocol,
 * credentials, pace and send. Owned by the client until it has ended. */
#ifndef AWS_CLIENT_CLIENT_CALL_H
#define AWS_CLIENT_CLIENT_CALL_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"

struct client;
struct session; /* client.h */

struct call {
    const struct session *session;
    const char *region;
    const char *service; /* model name; '_' reads as '-' */
    const char *operation;
    const json_t *params; /* borrowed during client_start; NULL: none */
    bool once; /* a change that may have been carried out is not sent again, even with a token */
};

/* Exactly one of result (borrowed, json_incref to keep) and err is set. Called once, from the loop,
 * never from within client_start. err->operation is "service:Operation". */
typedef void (*client_done)(void *arg, json_t *result, const struct err *err);

struct client_call;
/* Checks names, permit and parameters, encodes, and queues. NULL with err when any of that fails:
 * nothing was or will be sent. */
struct client_call *client_start(struct client *client, const struct call *call, struct err *err,
                                 client_done done, void *arg);
void client_cancel(struct client *client, struct client_call *call); /* done is not called */

struct pace_uses;
extern const struct pace_uses client_call_uses; /* for client_new */

#endif
