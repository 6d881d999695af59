/* Source of the formats: Amazon EventBridge User Guide, "AWS service events delivered via
 * CloudTrail"; AWS CloudTrail User Guide, "CloudTrail record contents". */
#include "intake/translate.h"

#include <string.h>

#include "accounts/own_changes.h"
#include "base/log.h"
#include "base/mem.h"
#include "intake/translate_hub.h"
#include "intake/translate_line.h"
#include "policy/identity.h"
#include "value/json.h"

#define MAX_DELAY_S 900 /* Amazon SQS API Reference, SendMessage: DelaySeconds */
#define EVENT_ID 37     /* a UUID, as CloudTrail gives them, and NUL */

/* One event being processed. */
struct event {
    const struct context *context;
    const struct translate_target *target;
    const json_t *envelope, *detail;
    char *key; /* "sqs:CreateQueue" */
    const char *account, *region;
};

/* ---- problems ---- */

/* The id with which CloudTrail finds the event. It goes into a message, so it is "" if it does not
 * have the form of such an id. */
static void event_id(const struct event *event, char out[EVENT_ID])
{
    const char *id = json_get_string(event->detail, "eventID", "");
    size_t length = strlen(id);
    bool sound = length < EVENT_ID && strspn(id, "0123456789abcdefABCDEF-") == length;
    memcpy(out, sound ? id : "", sound ? length + 1 : 1);
}

/* The message, with the event's key before it and its id after it. */
static void report(const struct event *event, enum translate_problem problem, const struct err *why)
{
    struct err err = *why;
    char id[EVENT_ID];
    event_id(event, id);
    if (event->key != NULL && strncmp(err.message, event->key, strlen(event->key)) != 0)
        err_prefix(&err, "%s", event->key);
    if (id[0] != '\0') {
        struct err bare = err;
        err_set(&err, bare.kind, "%.900s (event %s)", bare.message, id);
    }
    event->target->problem(event->target->arg, problem, &err);
}

/* ---- members ---- */

/* A member of the record, as the event has it: without an envelope, it is not in "detail". */
static const char *shown_in(const struct event *event, const char *path)
{
    return event->envelope != NULL ? path : path + strlen("detail.");
}

/* A member's text. NULL without an error if the member is missing or null; NULL with an error if it
 * is not a text. */
static const char *text_of(const json_t *object, const char *name, const char *shown,
                           struct err *err)
{
    const json_t *value = json_object_get(object, name);
    const char *text = json_string_value(value);
    if (value == NULL || json_is_null(value))
        return NULL;
    if (text != NULL && text[0] != '\0' && strlen(text) == json_string_length(value))
        return text;
    err_set(err, ERR_PARSE, "%s must be a string", shown);
    return NULL;
}

static const char *needed(const json_t *object, const char *name, const char *shown,
                          struct err *err)
{
    const char *text = text_of(object, name, shown, err);
    if (text == NULL && err->kind == ERR_NONE)
        err_set(err, ERR_PARSE, "%s is missing", shown);
    return text;
}

/* The account of the resource comes before that of the caller. A caller without credentials has no
 * account, but the member still has a value (ANONYMOUS_PRINCIPAL). */
static const char *account_of(const struct event *event, struct err *err)
{
    const json_t *identity = json_object_get(event->detail, "userIdentity");
    const char *shown = shown_in(event, "detail.recipientAccountId");
    const char *account = text_of(event->detail, "recipientAccountId", shown, err);
    if (account == NULL && err->kind == ERR_NONE) {
        shown = shown_in(event, "detail.userIdentity.accountId");
        account = text_of(identity, "accountId", shown, err);
        if (account != NULL && !translate_is_account(account))
            account = NULL;
    }
    if (account == NULL && err->kind == ERR_NONE) {
        shown = event->envelope != NULL ? "account" : "recipientAccountId";
        account = needed(event->envelope, "account", shown, err);
    }
    if (account == NULL || translate_is_account(account))
        return account;
    err_set(err, ERR_PARSE, "%s must be a string of 12 digits", shown);
    return NULL;
}

/* ---- ids ---- */

/* If the id does not match the event, the line keeps it: the audit will report that. */
static void settle(const struct event *event, const struct policy *policy,
                   struct resource *resource)
{
    struct err err = {0};
    if (identity_make_canonical(event->context->evaluator, policy, resource, &err) != 0)
        report(event, TRANSLATE_MISNAMED, &err);
}

static struct resource *resource_of(const struct event *event, const struct policy *policy,
                                    const json_t *found, struct err *err)
{
    json_int_t delay = json_get_integer(found, "delay", 0);
    const char *region = json_get_string(found, "region", event->region);
    json_t *line = json_object();
    json_object_set_new_nocheck(line, "account", json_string_nocheck(event->account));
    json_object_set_new_nocheck(line, "region", json_string_nocheck(region));
    json_object_set_new_nocheck(line, "type", json_string_nocheck(policy->type));
    json_object_set_nocheck(line, "id", json_object_get(found, "id"));
    struct resource *resource = resource_from_json(line, err);
    json_decref(line);
    if (resource == NULL)
        return NULL;
    resource->delay = delay < 0 ? 0 : delay > MAX_DELAY_S ? MAX_DELAY_S : (int)delay;
    if (translate_check_id(resource, err) == 0) {
        settle(event, policy, resource);
        return resource;
    }
    resource_free(resource);
    return NULL;
}

/* Has the event already named this resource? One event can name it several times. */
static bool is_repeated(json_t *seen, const struct resource *resource)
{
    char *key = mem_printf("%s %s", resource->region, resource->id);
    bool before = json_object_get(seen, key) != NULL;
    json_object_set_new_nocheck(seen, key, json_true());
    mem_free(key);
    return before;
}

static void put_resource(const struct event *event, const struct policy *policy,
                         const json_t *found, json_t *seen)
{
    struct err err = {0};
    struct resource *resource = resource_of(event, policy, found, &err);
    if (resource == NULL)
        report(event, TRANSLATE_FAILED, &err);
    else if (!is_repeated(seen, resource))
        event->target->resource(event->target->arg, resource);
    resource_free(resource);
}

/* CloudTrail user guide, "CloudTrail record contents": `omitted` is true, in some records as a
 * text. */
static bool is_left_out(const json_t *part)
{
    return json_get_bool(part, "omitted", false) ||
           strcmp(json_get_string(part, "omitted", ""), "true") == 0;
}

/* CloudTrail omits parts that are too large. If nothing was omitted and the event still names no
 * resource, its subject is unknown, and a listing would not help either. */
static bool is_cut(const struct event *event)
{
    return is_left_out(json_object_get(event->detail, "requestParameters")) ||
           is_left_out(json_object_get(event->detail, "responseElements"));
}

/* If parts were omitted, the target is listed, so that all its resources are audited. */
static bool request_listing(const struct event *event, const struct policy *policy)
{
    const struct translate_target *target = event->target;
    const struct log_subject subject = {
        .account = event->account, .region = event->region, .type = policy->type};
    json_t *message = translate_listing(event->context, policy, event->account, event->region);
    if (target->listing == NULL || message == NULL) {
        json_decref(message);
        return false;
    }
    bool taken = target->listing(target->arg, message);
    json_decref(message);
    if (taken)
        log_about(LOG_INFO, &subject,
                  "%s names no resource: every %s of account %s in %s is audited", event->key,
                  policy->type, event->account, event->region);
    return taken;
}

static void translate_type(const struct event *event, const struct policy *policy)
{
    const struct evaluator *evaluator = event->context->evaluator;
    struct err err = {0};
    size_t i;
    json_t *found;
    json_t *ids = evaluator->event_ids(evaluator->self, policy, event->key, event->detail,
                                       event->context->settings->for_policies, &err);
    if (ids == NULL) {
        bool lacks_id = strcmp(err.code, "MissingId") == 0;
        if (lacks_id && is_cut(event) && request_listing(event, policy))
            return;
        report(event, lacks_id ? TRANSLATE_LACKS_ID : TRANSLATE_FAILED, &err);
        return;
    }
    json_t *seen = json_object();
    json_array_foreach (ids, i, found)
        put_resource(event, policy, found, seen);
    json_decref(seen);
    json_decref(ids);
}

/* ---- events ---- */

static bool watches(const struct event *event, const struct policy *policy)
{
    const json_t *events = json_object_get(policy->meta, "events");
    return json_object_get(events, event->key) != NULL && translate_wants(event->context, policy);
}

static bool is_watched(const struct event *event)
{
    const struct evaluator *evaluator = event->context->evaluator;
    size_t count;
    const struct policy *const *all = evaluator->all(evaluator->self, &count);
    for (size_t i = 0; i < count; i++) {
        if (watches(event, all[i]))
            return true;
    }
    return false;
}

static void translate_types(const struct event *event)
{
    const struct evaluator *evaluator = event->context->evaluator;
    size_t count;
    const struct policy *const *all = evaluator->all(evaluator->self, &count);
    for (size_t i = 0; i < count; i++) {
        if (watches(event, all[i]))
            translate_type(event, all[i]);
    }
}

/* A call that failed changed nothing. */
static bool has_failed(const struct event *event)
{
    const json_t *code = json_object_get(event->detail, "errorCode");
    return code != NULL && !json_is_null(code) && json_string_length(code) + !json_is_string(code);
}

/* An insight is about many calls; it has the source and the name of these (CloudTrail user guide,
 * "CloudTrail record contents for Insights events"). */
static bool is_insight(const struct event *event)
{
    return strcmp(json_get_string(event->detail, "eventType", ""), "AwsCloudTrailInsight") == 0;
}

static bool is_own(const struct event *event)
{
    const struct settings *settings = event->context->settings;
    const char *role = settings->no_assume_role ? NULL : settings->member_role;
    return own_changes_is_own(json_object_get(event->detail, "userIdentity"), event->account, role);
}

static int read_scope(struct event *event, struct err *err)
{
    event->account = account_of(event, err);
    if (event->account == NULL)
        return -1;
    event->region = needed(event->detail, "awsRegion", shown_in(event, "detail.awsRegion"), err);
    return event->region != NULL ? 0 : -1;
}

static void translate_watched(struct event *event)
{
    struct err err = {0};
    if (has_failed(event) || is_insight(event))
        return;
    if (read_scope(event, &err) != 0)
        report(event, TRANSLATE_FAILED, &err);
    else if (is_own(event))
        log_debug("%s: the engine's own change", event->key);
    else
        translate_types(event);
}

/* "sqs" for "sqs.amazonaws.com"; NULL if it is not an AWS service (an event of another product may
 * contain anything). mem_free. */
static char *service_of(const char *source)
{
    const char *dot = strchr(source, '.');
    if (dot == NULL ||
        (strcmp(dot, ".amazonaws.com") != 0 && strcmp(dot, ".amazonaws.com.cn") != 0))
        return NULL;
    return mem_strndup(source, (size_t)(dot - source));
}

/* Anyone who may put events on a bus may put any detail there, but only AWS can send from a source
 * "aws.…" (EventBridge API Reference, PutEventsRequestEntry). */
static bool is_genuine(const char *source)
{
    return source == NULL || strncmp(source, "aws.", 4) == 0;
}

static bool is_of_cloudtrail(const char *detail_type)
{
    static const char end[] = " via CloudTrail";
    size_t length = detail_type != NULL ? strlen(detail_type) : 0;
    return detail_type == NULL ||
           (length >= sizeof end && strcmp(detail_type + length - (sizeof end - 1), end) == 0);
}

/* 1: process the rest; 0: no policy watches this event; -1: not an event. */
static int read_key(struct event *event, struct err *err)
{
    const char *source =
        needed(event->detail, "eventSource", shown_in(event, "detail.eventSource"), err);
    const char *name = needed(event->detail, "eventName", shown_in(event, "detail.eventName"), err);
    if (err->kind != ERR_NONE)
        return -1;
    char *service = service_of(source);
    if (service == NULL)
        return 0;
    event->key = mem_printf("%s:%s", service, name);
    mem_free(service);
    return 1;
}

static int read_envelope(struct event *event, struct err *err)
{
    const char *detail_type = text_of(event->envelope, "detail-type", "detail-type", err);
    const char *source = text_of(event->envelope, "source", "source", err);
    if (err->kind != ERR_NONE)
        return -1;
    if (!is_of_cloudtrail(detail_type) || !is_genuine(source))
        return 0;
    event->detail = json_object_get(event->envelope, "detail");
    if (json_is_object(event->detail))
        return read_key(event, err);
    return err_set(err, ERR_PARSE, "detail %s",
                   event->detail == NULL ? "is missing" : "must be a JSON object");
}

static void finish(struct event *event, const struct err *err)
{
    if (err->kind != ERR_NONE)
        report(event, TRANSLATE_FAILED, err);
    mem_free(event->key);
}

void translate_event(const struct context *context, const json_t *envelope,
                     const struct translate_target *target)
{
    struct event event = {.context = context, .target = target, .envelope = envelope};
    struct err err = {0};
    if (!json_is_object(envelope))
        err_set(&err, ERR_PARSE, "an event must be a JSON object");
    else if (translate_is_hub(envelope))
        translate_hub(context, envelope, target);
    else if (read_envelope(&event, &err) == 1 && is_watched(&event))
        translate_watched(&event);
    finish(&event, &err);
}

void translate_record(const struct context *context, const json_t *record,
                      const struct translate_target *target)
{
    struct event event = {.context = context, .target = target, .detail = record};
    struct err err = {0};
    if (read_key(&event, &err) == 1 && is_watched(&event))
        translate_watched(&event);
    finish(&event, &err);
}
