#include "state/state_started.h"

#include "base/mem.h"
#include "policy/finding.h"
#include "state/state_diff.h"
#include "state/state_item.h"
#include "state/state_table_internal.h"
#include "value/json.h"

#define MOST_CONFLICTS 5
#define NOTIFYING_S 60

struct beginning {
    struct state_table *table;
    const struct resource *resource;
    char *key;
    json_t *finding;
    int conflicts;
    message_done done;
    void *arg;
};

static void finish(struct beginning *beginning, const struct err *err)
{
    message_done done = beginning->done;
    void *arg = beginning->arg;
    json_decref(beginning->finding);
    mem_free(beginning->key);
    mem_free(beginning);
    done(arg, err);
}

static void read_item(struct beginning *beginning);

/* On a conflict another process is writing to this item: read it again. */
static void on_written(void *arg, const struct err *err)
{
    struct beginning *beginning = arg;
    struct err busy = {0};
    if (!state_is_conflict(err)) {
        finish(beginning, err);
    } else if (++beginning->conflicts < MOST_CONFLICTS) {
        read_item(beginning);
    } else {
        err_set(&busy, ERR_TIMEOUT, "other processes keep writing to the item of %s",
                beginning->resource->id);
        finish(beginning, &busy);
    }
}

/* How long its own process may take to read it back and to notify it. */
static int64_t last_s(const struct state_table *table)
{
    return table->settings->verify_s + NOTIFYING_S;
}

static void on_read(void *arg, const struct state_item *item, const struct err *err)
{
    struct beginning *beginning = arg;
    if (err != NULL) {
        finish(beginning, err);
        return;
    }
    json_t *content = json_deep_copy(item->content);
    state_name(content, beginning->resource);
    json_object_set_new(content, "seen", json_integer((json_int_t)state_now_s()));
    json_object_set_new(beginning->finding, "until",
                        json_integer((json_int_t)(state_now_s() + last_s(beginning->table))));
    json_object_set(json_object_get(content, "begun"), finding_get(beginning->finding, "check"),
                    beginning->finding);
    state_put_resource(beginning->table, beginning->key, content, item->revision, on_written,
                       beginning);
    json_decref(content);
}

static void read_item(struct beginning *beginning)
{
    state_get(beginning->table, beginning->key, on_read, beginning);
}

void state_begin(struct state_table *table, const struct resource *resource, bool global,
                 const json_t *finding, message_done done, void *arg)
{
    struct beginning *beginning = mem_alloc(sizeof *beginning);
    *beginning = (struct beginning){.table = table,
                                    .resource = resource,
                                    .key = state_key("resource", resource, global, ""),
                                    .finding = state_started(finding),
                                    .done = done,
                                    .arg = arg};
    read_item(beginning);
}
