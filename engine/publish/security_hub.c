/* Source: AWS Security Hub API Reference, BatchImportFindings (FailedFindings by Id; Workflow
 * cannot be updated, and Severity and Types only as FindingProviderFields); User Guide,
 * "BatchImportFindings for finding providers" (InvalidAccess if Security Hub is not enabled):
 * https://docs.aws.amazon.com/securityhub/latest/userguide/finding-update-batchimportfindings.html;
 * Partner Integration Guide, "Guidelines for using the BatchImportFindings API" (100 findings of
 * 240 KB, together 6 MB, ten calls a second). */
#include "publish/security_hub.h"

#include <string.h>

#include "accounts/sessions.h"
#include "aws/retry/retry.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "notify/message_arn.h"
#include "notify/message_batch.h"
#include "notify/message_finding.h"
#include "policy/finding.h"
#include "policy/identity.h"
#include "report/report_asff.h"
#include "value/json.h"

#define BATCH_FINDINGS 100
#define BATCH_BYTES (5u << 20) /* the rest is for what JSON adds */

/* One account and region. */
struct destination {
    struct message_batch *batch;
    char *name; /* "account 111122223333 in us-east-1" */
    bool said;  /* why findings are not there */
};

struct security_hub {
    struct message *message;
    const struct settings *settings;
    json_t *index; /* "account region" to the index in `destinations` */
    struct destination **destinations;
    size_t count;
};

struct security_hub *security_hub_new(struct message *message, const struct settings *settings)
{
    if (!settings->security_hub)
        return NULL;
    struct security_hub *hub = mem_alloc(sizeof *hub);
    *hub = (struct security_hub){.message = message, .settings = settings, .index = json_object()};
    return hub;
}

void security_hub_free(struct security_hub *hub)
{
    if (hub == NULL)
        return;
    for (size_t i = 0; i < hub->count; i++) {
        mem_free(hub->destinations[i]->name);
        mem_free(hub->destinations[i]);
    }
    mem_free(hub->destinations);
    json_decref(hub->index);
    mem_free(hub);
}

/* ---- answers ---- */

static const json_t *failure_of(const json_t *response, const char *id)
{
    size_t i;
    json_t *failure;
    json_array_foreach (json_object_get(response, "FailedFindings"), i, failure) {
        if (strcmp(json_get_string(failure, "Id", ""), id) == 0)
            return failure;
    }
    return NULL;
}

/* A refusal that no retry can change begins with "Invalid" or "AccessDenied". */
static int outcome_of(const json_t *response, const json_t *entry, size_t index, struct err *err)
{
    const json_t *failure = failure_of(response, json_get_string(entry, "Id", ""));
    const char *code = json_get_string(failure, "ErrorCode", "");
    (void)index;
    if (failure == NULL)
        return 0;
    err_set(err, ERR_API, "securityhub:BatchImportFindings: %s: %s", code,
            json_get_string(failure, "ErrorMessage", ""));
    snprintf(err->code, sizeof err->code, "%s", code);
    bool refused = strncmp(code, "Invalid", 7) == 0 || strncmp(code, "AccessDenied", 12) == 0;
    err->status = refused ? 400 : 500;
    return -1;
}

static const struct message_batch_kind kind = {.service = "securityhub",
                                               .operation = "BatchImportFindings",
                                               .list = "Findings",
                                               .entries = BATCH_FINDINGS,
                                               .bytes = BATCH_BYTES,
                                               .outcome = outcome_of};

/* ---- destinations ---- */

static struct destination *add(struct security_hub *hub, const char *key,
                               const struct message_batch_target *target)
{
    size_t bytes = (hub->count + 1) * sizeof *hub->destinations;
    struct destination *destination = mem_alloc(sizeof *destination);
    destination->batch = message_batch_open(hub->message, &kind, target);
    destination->name = mem_printf("account %s in %s", target->account, target->region);
    hub->destinations = mem_resize(hub->destinations, bytes);
    hub->destinations[hub->count] = destination;
    json_object_set_new(hub->index, key, json_integer((json_int_t)hub->count++));
    return destination;
}

static struct destination *destination_of(const struct context *context, const char *account,
                                          const char *region, struct err *err)
{
    static const char *const actions[] = {"securityhub:BatchImportFindings", NULL};
    struct security_hub *hub = context->hub;
    struct message_batch_target target = {.account = account, .region = region};
    struct destination *destination = NULL;
    char *key = mem_printf("%s %s", target.account, target.region);
    const json_t *known = json_object_get(hub->index, key);
    if (known != NULL) {
        destination = hub->destinations[json_integer_value(known)];
    } else {
        target.provider =
            sessions_for_actions(context->sessions, target.account, target.region, actions, err);
        if (target.provider != NULL)
            destination = add(hub, key, &target);
    }
    mem_free(key);
    return destination;
}

/* ---- findings ---- */

/* The identity of a finding that STATE_TABLE kept must be that of the finding as it was sent: the
 * region does not count for a global type, and all its findings go to one region. */
static void settle_region(const struct context *context, json_t *finding)
{
    const struct evaluator *evaluator = context->evaluator;
    const struct policy *policy = evaluator->find(evaluator->self, finding_get(finding, "type"));
    if (policy == NULL || !policy->global)
        return;
    json_object_set_new(finding, "global", json_true());
    if (!identity_has_region(policy))
        finding_set(finding, "region", context->settings->master_region);
}

/* "After a finding is created", the provider changes these only here. */
static void set_provider_fields(json_t *entry)
{
    json_t *fields = json_object();
    json_object_set(fields, "Severity", json_object_get(entry, "Severity"));
    json_object_set(fields, "Types", json_object_get(entry, "Types"));
    json_object_set_new(entry, "FindingProviderFields", fields);
    json_object_del(entry, "Severity");
    json_object_del(entry, "Types");
}

static json_t *entry_of(const struct context *context, const struct security_hub_finding *order)
{
    char created[CLOCK_TEXT];
    json_t *finding = json_copy((json_t *)(uintptr_t)order->finding);
    if (order->names != NULL)
        json_object_set(finding, "names", (json_t *)(uintptr_t)order->names);
    settle_region(context, finding);
    json_t *entry = report_asff_entry(finding);
    set_provider_fields(entry);
    if (message_is_over(finding))
        json_object_set_new(entry, "RecordState", json_string("ARCHIVED"));
    clock_rfc3339(order->created_s * 1000, created);
    if (order->created_s > 0)
        json_object_set_new(entry, "CreatedAt", json_string(created));
    json_decref(finding);
    return entry;
}

/* ---- sending ---- */

struct import {
    struct destination *destination; /* NULL: there is none, and err says why */
    struct err err;
    char account[16], region[64]; /* of the destination */
    bool kept;                    /* STATE_TABLE keeps what was notified */
    message_done done;
    void *arg;
};

static bool is_not_enabled(const struct err *err)
{
    return strcmp(err->code, "InvalidAccess") == 0 ||
           strcmp(err->code, "InvalidAccessException") == 0;
}

/* Security Hub is off there, or it refuses for good. With STATE_TABLE such a refusal must not make
 * the topic and the bus get the finding again and again. */
static bool is_left(const struct import *import, const struct err *err)
{
    return is_not_enabled(err) || (import->kept && !retry_is_transient(err));
}

static void say_once(const struct import *import, const struct err *err)
{
    struct destination *destination = import->destination;
    const struct log_subject subject = {.account = import->account, .region = import->region};
    bool said = destination != NULL && destination->said;
    if (destination != NULL)
        destination->said = true;
    if (said)
        return;
    if (destination == NULL)
        log_about(LOG_ERROR, &subject, "a finding is not in Security Hub: %s", err->message);
    else if (is_not_enabled(err))
        log_about(LOG_WARN, &subject,
                  "Security Hub is not enabled for %s: findings are not sent there. Enable it, or "
                  "unset SECURITY_HUB",
                  destination->name);
    else
        log_about(LOG_ERROR, &subject, "findings of %s are not in Security Hub: %s",
                  destination->name, err->message);
}

static void on_sent(void *arg, const struct err *err)
{
    const struct import *import = arg;
    struct err failure = err != NULL ? *err : (struct err){0};
    if (err != NULL && is_left(import, err)) {
        say_once(import, err);
        err = NULL;
    }
    if (err != NULL)
        err_prefix(&failure, "not sent to Security Hub");
    import->done(import->arg, err != NULL ? &failure : NULL);
}

static void not_sent(void *arg)
{
    const struct import *import = arg;
    on_sent(arg, import->err.kind != ERR_NONE ? &import->err : NULL);
    mem_free(arg);
}

void security_hub_send(const struct context *context, const struct security_hub_finding *order,
                       message_done done, void *arg)
{
    struct import *import = mem_alloc(sizeof *import);
    *import = (struct import){.kept = context->state != NULL, .done = done, .arg = arg};
    if (strcmp(finding_get(order->finding, "account"), "*") == 0) { /* about the run itself */
        loop_defer(context->loop, not_sent, import);
        return;
    }
    json_t *entry = entry_of(context, order);
    snprintf(import->account, sizeof import->account, "%s",
             json_get_string(entry, "AwsAccountId", ""));
    message_arn_field(json_get_string(entry, "ProductArn", ""), 3, import->region,
                      sizeof import->region);
    import->destination = destination_of(context, import->account, import->region, &import->err);
    if (import->destination == NULL) {
        json_decref(entry);
        loop_defer(context->loop, not_sent, import);
        return;
    }
    char *text = json_text(entry);
    message_batch_put(import->destination->batch, entry, strlen(text), on_sent, import);
    mem_free(text);
}
