#include "aws/client/client_pace_index.h"

#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

static bool counts_operations(const char *service)
{
    return strcmp(service, "ec2") == 0;
}

static struct pace *pace_new(struct client *client, const char *name)
{
    struct pace *pace = mem_alloc(sizeof *pace);
    pace->client = client;
    pace->name = mem_strdup(name);
    pace->tail = &pace->head;
    pacer_init(&pace->pacer, loop_now(client->options.loop));
    retry_quota_init(&pace->quota);
    pace->next = client->paces;
    client->paces = pace;
    return pace;
}

/* JSON has no pointers, so the index holds the pointer as an integer. */
static struct pace *pace_known(const struct client *client, const char *name)
{
    return (struct pace *)(intptr_t)json_integer_value(json_object_get(client->pace_index, name));
}

static void note(struct client *client, const char *name, struct pace *pace)
{
    json_object_set_new_nocheck(client->pace_index, name, json_integer((json_int_t)(intptr_t)pace));
}

static char *name_of(const char *account, const char *region, const char *service,
                     const char *operation)
{
    const char *colon = counts_operations(service) ? ":" : "";
    return mem_printf("%s%s%s in %s%s%s", service, colon, colon[0] != '\0' ? operation : "", region,
                      account[0] != '\0' ? " of account " : "", account);
}

/* A global service is counted in the one region that its requests are signed for. */
static const char *region_of(const struct client_call *call, struct endpoint *endpoint)
{
    struct err ignored = {0};
    const char *region = call->region != NULL ? call->region : "";
    if (endpoint_resolve_operation(call->client->options.endpoints, call->model, call->operation,
                                   region, "", "", endpoint, &ignored) != 0)
        return region;
    return endpoint->signing_region;
}

static struct pace *pace_find(const struct client_call *call, const char *account,
                              const char *service)
{
    struct endpoint endpoint;
    struct client *client = call->client;
    char *name = name_of(account, region_of(call, &endpoint), service, call->info.name);
    struct pace *pace = pace_known(client, name);
    if (pace == NULL) {
        pace = pace_new(client, name);
        note(client, name, pace);
    }
    mem_free(name);
    return pace;
}

/* The key of a pace as the caller names it. Written for each call, so not formatted. */
static char *key_of(const char *account, const char *region, const char *service,
                    const char *operation)
{
    struct buf key;
    buf_init(&key, SIZE_MAX / 4);
    const char *const parts[] = {account, region, service,
                                 counts_operations(service) ? operation : ""};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        buf_adds(&key, parts[i]);
        buf_addc(&key, ' ');
    }
    return buf_take(&key);
}

void pace_assign(struct client_call *call)
{
    const char *account = call->session->account != NULL ? call->session->account : "";
    const char *service = model_info(call->model)->name;
    char *given =
        key_of(account, call->region != NULL ? call->region : "", service, call->info.name);
    call->pace = pace_known(call->client, given);
    if (call->pace == NULL) {
        call->pace = pace_find(call, account, service);
        note(call->client, given, call->pace);
    }
    mem_free(given);
}

void pace_free_all(struct client *client)
{
    while (client->paces != NULL) {
        struct pace *pace = client->paces;
        client->paces = pace->next;
        loop_cancel(client->options.loop, pace->timer);
        mem_free(pace->name);
        mem_free(pace->errors);
        mem_free(pace);
    }
    json_decref(client->pace_index);
}

int64_t pace_success_ms(const struct client *client, const char *account, const char *region,
                        const char *operation)
{
    const char *colon = strchr(operation, ':');
    if (colon == NULL)
        return 0;
    char *service = mem_strndup(operation, (size_t)(colon - operation));
    char *given = key_of(account, region, service, colon + 1);
    const struct pace *pace = pace_known(client, given);
    mem_free(given);
    mem_free(service);
    return pace != NULL ? pace->success_ms : 0;
}
