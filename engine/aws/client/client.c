#include "aws/client/client.h"

#include "aws/client/client_internal.h"
#include "aws/client/client_pace.h"
#include "aws/client/client_pace_index.h"
#include "aws/client/client_spare.h"
#include "aws/operations/opset.h"
#include "base/mem.h"

#define DEFAULT_IN_FLIGHT 200

struct client *client_new(const struct client_options *options)
{
    struct client *client = mem_alloc(sizeof *client);
    client->options = *options;
    client->uses = &client_call_uses;
    if (client->options.max_in_flight <= 0)
        client->options.max_in_flight = DEFAULT_IN_FLIGHT;
    client->pace_index = json_object();
    client->ready_tail = &client->ready;
    client->bucket_regions = json_object();
    client->bucket_reads = opset_new();
    opset_add(client->bucket_reads, "s3", "HeadBucket");
    sigv4_result_init(&client->signature);
    return client;
}

void client_free(struct client *client)
{
    if (client == NULL)
        return;
    pace_free_all(client);
    json_decref(client->bucket_regions);
    opset_free(client->bucket_reads);
    sigv4_result_clear(&client->signature);
    buf_clear(&client->url);
    client_spares_clear(client);
    mem_free(client->trace_id);
    mem_free(client);
}

void client_set_trace(struct client *client, const char *trace_id)
{
    mem_free(client->trace_id);
    client->trace_id = mem_strdup(trace_id);
}

void client_stats(const struct client *client, struct client_stats *stats)
{
    *stats = client->stats;
}

bool client_sends_alone(const struct client *client)
{
    return client->options.alone;
}

struct loop *client_loop(const struct client *client)
{
    return client->options.loop;
}

struct model_set *client_models(struct client *client)
{
    return client->options.models;
}

const struct endpoints *client_endpoints(const struct client *client)
{
    return client->options.endpoints;
}

void client_hurry(struct client *client)
{
    client->hurried = true;
    pace_hurry(client);
}

void client_renew(struct client *client)
{
    client->hurried = false;
    pace_renew(client);
}

bool client_has_room(const struct client *client)
{
    return client->in_flight < client->options.max_in_flight * 3 / 4;
}

bool client_is_slow(const struct client *client)
{
    return pace_is_slow(client);
}

int64_t client_success_ms(const struct client *client, const char *account, const char *region,
                          const char *operation)
{
    return pace_success_ms(client, account, region, operation);
}
