/* Source: Amazon EventBridge API Reference, PutEvents (10 entries; FailedEntryCount, and an
 * ErrorCode for each entry, at the index of the entry) and User Guide, "Calculating Amazon
 * EventBridge PutEvents event entry size"
 * (https://docs.aws.amazon.com/eventbridge/latest/userguide/calculate-putevents-entry-size.html):
 * together less than 256 KB, of which source, detail type, detail and resources count. */
#include "notify/message_event.h"

#include <string.h>

#include "base/clean_text.h"
#include "base/mem.h"
#include "notify/message_arn.h"
#include "notify/message_batch.h"
#include "notify/message_finding.h"
#include "notify/message_internal.h"
#include "policy/finding.h"
#include "policy/verdict.h"
#include "value/json.h"

#define BATCH_ENTRIES 10
#define BATCH_BYTES (256u * 1024 - 1)
#define DETAIL_MAX (64u << 20) /* before it is shortened */
#define TEXT_MAX 1024 /* of each text of a detail that is still too large; JSON may escape it */

static int outcome_of(const json_t *response, const json_t *entry, size_t index, struct err *err)
{
    const json_t *result = json_array_get(json_object_get(response, "Entries"), index);
    const char *code = json_get_string(result, "ErrorCode", "");
    (void)entry;
    if (json_get_string(result, "EventId", NULL) != NULL)
        return 0;
    err_set(err, ERR_API, "events:PutEvents: %s: %s", code[0] != '\0' ? code : "NoAnswer",
            json_get_string(result, "ErrorMessage", "the response does not mention the event"));
    snprintf(err->code, sizeof err->code, "%s", code);
    /* InternalFailure and InternalException are faults of the service. */
    err->status = strncmp(code, "Internal", 8) == 0 || result == NULL ? 500 : 400;
    return -1;
}

static const struct message_batch_kind kind = {.service = "events",
                                               .operation = "PutEvents",
                                               .list = "Entries",
                                               .entries = BATCH_ENTRIES,
                                               .bytes = BATCH_BYTES,
                                               .outcome = outcome_of};

static struct message_batch *bus_of(struct message *message)
{
    char region[64];
    if (message->bus != NULL)
        return message->bus;
    message_arn_field(message->settings->event_bus, 3, region, sizeof region);
    const struct message_batch_target target = {
        .region = region[0] != '\0' ? region : message_default_region(message), .account = ""};
    message->bus = message_batch_open(message, &kind, &target);
    return message->bus;
}

static const char *detail_type(const json_t *finding, enum message_change change)
{
    if (verdict_remediation(finding) == REMEDIATION_FIXED)
        return "Finding - Fixed";
    if (message_is_over(finding))
        return "Finding - Resolved";
    switch (change) {
    case CHANGE_NEW: return "Finding - New";
    case CHANGE_CHANGED: return "Finding - Changed";
    default: return "Finding - Found";
    }
}

/* ---- detail ---- */

static json_t *whole_detail(const struct resource *resource, const json_t *finding)
{
    json_t *detail = json_copy((json_t *)(uintptr_t)finding);
    json_object_del(detail, "steps");
    json_object_del(detail, FINDING_MADE_BY);
    json_object_del(detail, "names");
    json_object_set_new(detail, "resource", resource_to_json(resource));
    return detail;
}

/* Cut between characters. New. */
static json_t *cut_text(const json_t *value)
{
    const char *text = json_string_value(value);
    size_t length = json_string_length(value);
    size_t kept = length > TEXT_MAX ? TEXT_MAX : length;
    while (kept > 0 && kept < length && ((unsigned char)text[kept] & 0xc0) == 0x80)
        kept--;
    return json_stringn_nocheck(text, kept);
}

static json_t *short_detail(const json_t *finding)
{
    const char *key;
    json_t *value;
    json_t *detail = json_pack("{s:b}", "shortened", 1);
    json_object_foreach ((json_t *)(uintptr_t)finding, key, value) {
        if (json_is_string(value))
            json_object_set_new_nocheck(detail, key, cut_text(value));
    }
    return detail;
}

/* Bytes that are not UTF-8 would make EventBridge refuse the batch. */
static char *text_of(json_t *detail)
{
    struct buf legible;
    char *text = json_text(detail);
    buf_init(&legible, DETAIL_MAX);
    text_legible(&legible, text, strlen(text));
    mem_free(text);
    json_decref(detail);
    return buf_take(&legible);
}

static char *detail_text(const struct resource *resource, const json_t *finding, size_t room)
{
    json_t *detail = whole_detail(resource, finding);
    char *text = text_of(detail);
    if (strlen(text) <= room)
        return text;
    mem_free(text);
    detail = whole_detail(resource, finding);
    json_object_del(detail, "evidence");
    json_object_set_new(detail, "shortened", json_true());
    text = text_of(detail);
    if (strlen(text) <= room)
        return text;
    mem_free(text);
    return text_of(short_detail(finding));
}

/* ---- sending ---- */

struct event {
    message_done done;
    void *arg;
};

static void on_sent(void *arg, const struct err *err)
{
    const struct event *event = arg;
    struct err failure = err != NULL ? *err : (struct err){0};
    if (err != NULL)
        err_prefix(&failure, "not sent to EVENT_BUS");
    event->done(event->arg, err != NULL ? &failure : NULL);
}

static void nothing_sent(void *arg)
{
    on_sent(arg, NULL);
    mem_free(arg);
}

void message_event(struct message *message, const struct resource *resource, const char *arn,
                   const json_t *finding, enum message_change change, message_done done, void *arg)
{
    struct event *event = mem_alloc(sizeof *event);
    *event = (struct event){.done = done, .arg = arg};
    if (message->settings->event_bus == NULL) {
        loop_defer(message->loop, nothing_sent, event);
        return;
    }
    const char *type = detail_type(finding, change);
    size_t used = strlen(MESSAGE_EVENT_SOURCE) + strlen(type) + strlen(arn);
    char *detail = detail_text(resource, finding, BATCH_BYTES - used);
    json_t *entry =
        json_pack("{s:s, s:s, s:o, s:[o]}", "Source", MESSAGE_EVENT_SOURCE, "DetailType", type,
                  "Detail", json_string_nocheck(detail), "Resources", json_string_nocheck(arn));
    json_object_set_new(entry, "EventBusName", json_string_nocheck(message->settings->event_bus));
    message_batch_put(bus_of(message), entry, used + strlen(detail), on_sent, event);
    mem_free(detail);
}
