#include "support/lambda_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "value/json.h"

struct lambda_world lambda_world;

static char own[] = LAMBDA_OWN, other[] = LAMBDA_OTHER;
static char east[] = "us-east-1", west[] = "us-west-2";
static char poll_queue[] = LAMBDA_POLL_QUEUE, lines_queue[] = LAMBDA_LINES_QUEUE;
static char *accounts[2], *regions[] = {east, west};

static void silence(enum log_level level, const char *line)
{
    (void)level, (void)line;
}

/* ---- AWS ---- */

static struct fake_answer take_all(const struct fake_request *request)
{
    size_t i;
    json_t *entry, *taken = json_array();
    json_array_foreach (json_object_get(request->json, "Entries"), i, entry) {
        json_array_append_new(taken,
                              json_pack("{s:s, s:s, s:s}", "Id", json_get_string(entry, "Id", ""),
                                        "MessageId", "m", "MD5OfMessageBody", "x"));
    }
    json_t *reply = json_pack("{s:o}", "Successful", taken);
    struct fake_answer answer = {.status = 200, .body = json_text(reply)};
    json_decref(reply);
    return answer;
}

static struct fake_answer answer(const struct fake_request *request, size_t index)
{
    (void)index;
    if (strstr(request->target, ".ListAccounts") != NULL)
        return fake_reply(lambda_world.accounts_status, lambda_world.accounts);
    if (strstr(request->body, "Action=DescribeRegions") != NULL)
        return fake_reply(lambda_world.regions_status, lambda_world.regions);
    assert_non_null(strstr(request->target, "AmazonSQS.SendMessageBatch"));
    return take_all(request);
}

/* ---- the policy ---- */

struct discovery {
    evaluator_found found;
    evaluator_done done;
    void *arg;
};

static void discovered(void *arg)
{
    struct discovery *discovery = arg;
    struct err err = {0};
    lambda_world.discoveries++;
    if (lambda_world.failure == ERR_NONE) {
        discovery->found(discovery->arg, "q", NULL);
    } else {
        err_set(&err, lambda_world.failure, "sqs:ListQueues failed");
        snprintf(err.code, sizeof err.code, "%s", lambda_world.code);
    }
    discovery->done(discovery->arg, err.kind != ERR_NONE ? &err : NULL);
    mem_free(discovery);
}

static struct evaluation *discover(void *self, const struct policy *policy,
                                   const struct scope *scope, evaluator_found found,
                                   evaluator_done done, void *arg)
{
    struct discovery *discovery = mem_alloc(sizeof *discovery);
    (void)self, (void)policy, (void)scope;
    *discovery = (struct discovery){found, done, arg};
    loop_defer(fake_aws.loop, discovered, discovery);
    return NULL;
}

static const struct policy *const *all(void *self, size_t *count)
{
    static const struct policy *const policies[] = {&run_world.policy};
    (void)self;
    *count = 1;
    return policies;
}

/* ---- services ---- */

void lambda_world_poll(const char *first, const char *second)
{
    const char *words[] = {first, second};
    for (size_t i = 0; i < 2; i++)
        accounts[i] = (char *)(uintptr_t)words[i];
    lambda_world.services.settings.accounts =
        (struct text_list){.items = accounts, .count = second != NULL ? 2 : 1};
}

static void set_settings(struct settings *settings)
{
    *settings = run_world.settings;
    settings->regions = (struct text_list){.items = regions, .count = 2};
    settings->master_region = east;
    settings->poll_queue = poll_queue;
    settings->poller_sqs = lines_queue;
    json_object_set_new(settings->for_policies, "organization_account", json_string(own));
}

int lambda_world_set_up(void **state)
{
    run_world_set_up(state);
    log_set_sink(silence);
    fake_aws.answer = answer;
    run_world.evaluator.all = all;
    run_world.evaluator.discover = discover;
    json_object_set_new((json_t *)(uintptr_t)run_world.policy.meta, "discover", json_true());
    lambda_world = (struct lambda_world){.accounts_status = 200, .regions_status = 200};
    struct services *services = &lambda_world.services;
    set_settings(&services->settings);
    lambda_world_poll(own, other);
    services->loop = fake_aws.loop;
    services->client = fake_aws.client;
    services->sessions = run_world.context.sessions;
    services->message = run_world.context.message;
    services->context = run_world.context;
    services->context.settings = &services->settings;
    services->caller = own;
    return 0;
}

int lambda_world_tear_down(void **state)
{
    log_set_sink(NULL);
    json_decref(lambda_world.services.made_by);
    return run_world_tear_down(state);
}

char *lambda_world_sent(const char *queue_url)
{
    size_t i;
    json_t *entry;
    struct buf out;
    buf_init(&out, 1 << 20);
    for (size_t n = 0; n < fake_aws.count; n++) {
        const json_t *request = fake_aws.requests[n].json;
        if (strcmp(json_get_string(request, "QueueUrl", ""), queue_url) != 0)
            continue;
        json_array_foreach (json_object_get(request, "Entries"), i, entry)
            buf_addf(&out, "%s %d\n", json_get_string(entry, "MessageBody", ""),
                     (int)json_get_integer(entry, "DelaySeconds", 0));
    }
    return buf_take(&out);
}
