/* Entries for one destination, sent in batches of which some entries may be refused. Only one batch
 * is in flight: entries gather meanwhile, arrive in their order, and stay below the rate at which
 * AWS throttles. A transient failure of an entry is retried; each entry gets its own result. Serves
 * message_event and message_import. */
#ifndef NOTIFY_MESSAGE_BATCH_H
#define NOTIFY_MESSAGE_BATCH_H

#include <jansson.h>

#include "notify/message.h"

struct message_batch_kind {
    const char *service, *operation;
    const char *list;      /* the parameter that contains the entries */
    size_t entries, bytes; /* limits of one call */
    /* What became of an entry: 0, or -1 with err. The response is that of the whole batch. */
    int (*outcome)(const json_t *response, const json_t *entry, size_t index, struct err *err);
};

struct message_batch_target {
    const char *region;
    const char *account;             /* of the caller, for pacing; "": the engine's own */
    struct creds_provider *provider; /* NULL: the engine's own */
};

struct message_batch;
/* Lives until message_free. `kind` is borrowed; what `target` points to is copied or held. */
struct message_batch *message_batch_open(struct message *message,
                                         const struct message_batch_kind *kind,
                                         const struct message_batch_target *target);
/* Takes ownership of the entry, and of arg, which is freed after done. `bytes` is the entry's size
 * as AWS counts it. done is called once, from the loop, unless the message is freed before. */
void message_batch_put(struct message_batch *batch, json_t *entry, size_t bytes, message_done done,
                       void *arg);

#endif
