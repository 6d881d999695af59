#include "accounts/enabled_regions.h"

#include <string.h>

#include "accounts/own_reads.h"
#include "accounts/sessions.h"
#include "base/mem.h"
#include "value/json.h"

#define MOST_AT_A_TIME 64

struct asked {
    struct enabled_regions *owner;
    char *account;
    struct session session;
    struct client_call *call; /* while it is running */
    struct text_list list;
    struct err *err; /* NULL: none */
};

struct enabled_regions {
    const struct context *context;
    struct opset *reads;
    struct asked *items;
    json_t *index; /* account to its item */
    size_t count, next, active;
    struct loop_timer *start; /* until the first request */
    loop_fn done;
    void *arg;
};

static const char *const actions[] = {"ec2:DescribeRegions", NULL};

static void start_more(void *arg);

static void keep_error(struct asked *asked, const struct err *err)
{
    asked->err = mem_alloc(sizeof *asked->err);
    *asked->err = *err;
    err_prefix(asked->err, "the regions that are enabled in the account cannot be listed");
}

static void keep_regions(struct asked *asked, const json_t *result)
{
    struct err err = {0};
    size_t i;
    json_t *region;
    json_array_foreach (json_object_get(result, "Regions"), i, region) {
        const char *name = json_get_string(region, "RegionName", "");
        if (name[0] != '\0' &&
            strcmp(json_get_string(region, "OptInStatus", ""), "not-opted-in") != 0)
            text_list_add(&asked->list, name);
    }
    if (asked->list.count > 0)
        return;
    err_set(&err, ERR_PARSE, "ec2:DescribeRegions returned no region");
    keep_error(asked, &err);
}

static void on_regions(void *arg, json_t *result, const struct err *err)
{
    struct asked *asked = arg;
    asked->call = NULL;
    if (err != NULL)
        keep_error(asked, err);
    else
        keep_regions(asked, result);
    asked->owner->active--;
    start_more(asked->owner);
}

static int ask(struct asked *asked, struct err *err)
{
    const struct context *context = asked->owner->context;
    const char *region = context->settings->master_region;
    struct creds_provider *provider =
        sessions_for_actions(context->sessions, asked->account, region, actions, err);
    if (provider == NULL)
        return -1;
    asked->session = (struct session){.account = asked->account,
                                      .provider = provider,
                                      .permit = PERMIT_READ,
                                      .allowed = asked->owner->reads};
    const struct call call = {.session = &asked->session,
                              .region = region,
                              .service = "ec2",
                              .operation = "DescribeRegions"};
    asked->call = client_start(context->client, &call, err, on_regions, asked);
    return asked->call != NULL ? 0 : -1;
}

static void start_more(void *arg)
{
    struct enabled_regions *regions = arg;
    while (regions->active < MOST_AT_A_TIME && regions->next < regions->count) {
        struct asked *asked = &regions->items[regions->next++];
        struct err err = {0};
        if (ask(asked, &err) == 0)
            regions->active++;
        else
            keep_error(asked, &err);
    }
    if (regions->active == 0)
        regions->done(regions->arg);
}

static void start(void *arg)
{
    struct enabled_regions *regions = arg;
    regions->start = NULL;
    start_more(regions);
}

static void add(struct enabled_regions *regions, const char *account)
{
    json_object_set_new(regions->index, account, json_integer((json_int_t)regions->count));
    regions->items[regions->count++] =
        (struct asked){.owner = regions, .account = mem_strdup(account)};
}

struct enabled_regions *enabled_regions_load(const struct context *context, const char *caller,
                                             loop_fn done, void *arg)
{
    const struct text_list *accounts = context->accounts;
    struct enabled_regions *regions = mem_alloc(sizeof *regions);
    *regions = (struct enabled_regions){.context = context,
                                        .reads = own_reads_set(actions),
                                        .index = json_object(),
                                        .done = done,
                                        .arg = arg};
    regions->items = mem_alloc((accounts->count + 1) * sizeof *regions->items);
    for (size_t i = 0; i < accounts->count; i++)
        add(regions, accounts->items[i]);
    if (accounts->count == 0)
        add(regions, caller);
    regions->start = loop_after(context->loop, 0, start, regions);
    return regions;
}

void enabled_regions_free(struct enabled_regions *regions)
{
    if (regions == NULL)
        return;
    loop_cancel(regions->context->loop, regions->start);
    for (size_t i = 0; i < regions->count; i++) {
        struct asked *asked = &regions->items[i];
        if (asked->call != NULL)
            client_cancel(regions->context->client, asked->call);
        mem_free(asked->account);
        mem_free(asked->err);
        text_list_clear(&asked->list);
    }
    mem_free(regions->items);
    opset_free(regions->reads);
    json_decref(regions->index);
    mem_free(regions);
}

static const struct asked *find(const struct enabled_regions *regions, const char *account)
{
    const json_t *index = regions != NULL ? json_object_get(regions->index, account) : NULL;
    return index != NULL ? &regions->items[json_integer_value(index)] : NULL;
}

const struct text_list *enabled_regions_of(const struct enabled_regions *regions,
                                           const char *account)
{
    static const struct text_list none;
    const struct asked *asked = find(regions, account);
    return asked != NULL ? &asked->list : &none;
}

const struct err *enabled_regions_error(const struct enabled_regions *regions, const char *account)
{
    const struct asked *asked = find(regions, account);
    return asked != NULL ? asked->err : NULL;
}
