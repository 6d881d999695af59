#include "net/recording/replay.h"

#include "base/mem.h"
#include "net/recording/recorded_exchange.h"
#include "net/recording/replay_file.h"
#include "net/recording/replay_internal.h"
#include "value/json.h"

#define PATIENCE 4 /* turns */
#define NO_INDEX SIZE_MAX

struct replay_transfer {
    struct replay_transfer *next, **link;
    size_t index; /* of its response; NO_INDEX: refused */
    struct err refusal;
    http_done done;
    void *arg;
};

/* ---- order of the responses ---- */

static void forget(struct replay_transfer *transfer)
{
    *transfer->link = transfer->next;
    if (transfer->next != NULL)
        transfer->next->link = transfer->link;
    mem_free(transfer);
}

static bool is_due(const struct replay *replay, const struct replay_transfer *transfer)
{
    return transfer->index == NO_INDEX || replay->answers[transfer->index].used ||
           transfer->index == replay->next;
}

/* The transfer whose response was recorded first; if several have the same, the oldest. */
static struct replay_transfer *first_of(const struct replay *replay)
{
    struct replay_transfer *first = NULL;
    for (struct replay_transfer *each = replay->pending; each != NULL; each = each->next) {
        if (first == NULL || each->index < first->index || is_due(replay, each))
            first = each;
        if (is_due(replay, first))
            return first;
    }
    return first;
}

static void deliver(struct replay *replay, struct replay_transfer *transfer)
{
    http_done done = transfer->done;
    void *arg = transfer->arg;
    size_t index = transfer->index;
    struct err refusal = transfer->refusal;
    forget(transfer);
    if (index == NO_INDEX) {
        done(arg, NULL, &refusal);
        return;
    }
    replay->answers[index].used = true;
    while (replay->next < replay->count && replay->answers[replay->next].used)
        replay->next++;
    recorded_deliver(replay->answers[index].answer, done, arg);
}

static void turn(void *arg);

static void arm(struct replay *replay)
{
    if (replay->timer == NULL && replay->pending != NULL)
        replay->timer = loop_after(replay->loop, 0, turn, replay);
}

static void turn(void *arg)
{
    struct replay *replay = arg;
    struct replay_transfer *first = first_of(replay);
    replay->timer = NULL;
    if (first != NULL && (is_due(replay, first) || replay->patience-- <= 0)) {
        replay->patience = PATIENCE;
        deliver(replay, first);
    }
    arm(replay);
}

/* ---- the transport ---- */

static void refuse(const struct replay *replay, const struct http_request *request,
                   const json_t *asked, struct err *err)
{
    char *name = recorded_name(asked);
    if (request->once)
        err_set(err, ERR_IO, "--replay makes no changes: %s", name);
    else
        err_set(err, ERR_IO, "not in the recording %s: %s", replay->dir, name);
    mem_free(name);
}

/* Finds a session of the recorded role, for a request with another session policy or region. The
 * recording itself decides what can be read with that session. */
static size_t index_of_role(struct replay *replay, const json_t *asked)
{
    char *role = recorded_role(asked);
    const json_t *index = role != NULL ? json_object_get(replay->roles, role) : NULL;
    mem_free(role);
    return index != NULL ? (size_t)json_integer_value(index) : NO_INDEX;
}

/* Finds the response. The last one is used again. */
static size_t index_of(struct replay *replay, const json_t *asked)
{
    char *key = json_text_canonical(asked);
    json_t *indexes = json_object_get(replay->indexes, key);
    mem_free(key);
    if (json_array_size(indexes) == 0)
        return index_of_role(replay, asked);
    size_t index = (size_t)json_integer_value(json_array_get(indexes, 0));
    if (json_array_size(indexes) > 1)
        json_array_remove(indexes, 0);
    return index;
}

static struct replay_transfer **last_link(struct replay *replay)
{
    struct replay_transfer **link = &replay->pending;
    while (*link != NULL)
        link = &(*link)->next;
    return link;
}

static struct http_transfer *start(void *self, const struct http_request *request, http_done done,
                                   void *arg)
{
    struct replay *replay = self;
    struct replay_transfer *transfer = mem_alloc(sizeof *transfer);
    json_t *asked = recorded_request(request);
    *transfer =
        (struct replay_transfer){.link = last_link(replay),
                                 .index = request->once ? NO_INDEX : index_of(replay, asked),
                                 .done = done,
                                 .arg = arg};
    if (transfer->index == NO_INDEX)
        refuse(replay, request, asked, &transfer->refusal);
    json_decref(asked);
    *transfer->link = transfer;
    replay->patience = PATIENCE;
    arm(replay);
    return (struct http_transfer *)transfer;
}

static void cancel(void *self, struct http_transfer *transfer)
{
    (void)self;
    forget((struct replay_transfer *)transfer);
}

struct http_transport replay_transport(struct replay *replay)
{
    return (struct http_transport){start, cancel, replay};
}

/* ---- opening and freeing ---- */

struct replay *replay_open(struct loop *loop, const char *dir, const char *command, struct err *err)
{
    struct replay *replay = mem_alloc(sizeof *replay);
    replay->loop = loop;
    replay->dir = mem_strdup(dir);
    replay->indexes = json_object();
    replay->roles = json_object();
    if (replay_read(replay, command, err) == 0)
        return replay;
    replay_free(replay);
    return NULL;
}

void replay_free(struct replay *replay)
{
    if (replay == NULL)
        return;
    while (replay->pending != NULL)
        forget(replay->pending);
    loop_cancel(replay->loop, replay->timer);
    for (size_t i = 0; i < replay->count; i++)
        json_decref(replay->answers[i].answer);
    mem_free(replay->answers);
    json_decref(replay->endpoints);
    json_decref(replay->indexes);
    json_decref(replay->roles);
    mem_free(replay->dir);
    mem_free(replay);
}

int64_t replay_clock_ms(const struct replay *replay)
{
    return replay->clock_ms;
}

const json_t *replay_endpoints(const struct replay *replay)
{
    return replay->endpoints;
}
