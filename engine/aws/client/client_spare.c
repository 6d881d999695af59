#include "aws/client/client_spare.h"

#include <string.h>

#include "aws/client/client_internal.h"
#include "base/mem.h"

#define KEPT_BYTES 4096 /* of each buffer of a request */

struct client_call *client_call_take(struct client *client)
{
    struct client_call *call = client->spare;
    if (call == NULL) {
        call = mem_alloc(sizeof *call);
        proto_request_init(&call->request);
    } else {
        client->spare = call->next;
        client->spares--;
        memset(call, 0, offsetof(struct client_call, failure));
        err_clear(&call->failure);
    }
    call->client = client;
    return call;
}

static void free_memory(struct client_call *call)
{
    proto_request_clear(&call->request);
    mem_free(call);
}

static void keep_small(struct buf *buf)
{
    if (buf->cap > KEPT_BYTES)
        buf_clear(buf);
}

void client_call_give_back(struct client_call *call)
{
    struct client *client = call->client;
    struct proto_request *request = &call->request;
    creds_drop(call->creds);
    json_decref(call->result);
    client->unreported -= call->result_bytes;
    mem_free(call->region);
    if (client->spares >= client->options.max_in_flight) {
        free_memory(call);
        return;
    }
    keep_small(&request->path);
    keep_small(&request->query);
    keep_small(&request->body);
    keep_small(&request->storage);
    proto_request_reset(request);
    call->next = client->spare;
    client->spare = call;
    client->spares++;
}

void client_spares_clear(struct client *client)
{
    while (client->spare != NULL) {
        struct client_call *call = client->spare;
        client->spare = call->next;
        free_memory(call);
    }
}
