#include "support/fake_table.h"

#include <stdio.h>
#include <string.h>

#include "value/json.h"

#define PUBLISHED                                                                                  \
    "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>"          \
    "<MessageId>m-1</MessageId></PublishResult></PublishResponse>"
#define NO_PUBLISH                                                                                 \
    "<ErrorResponse><Error><Type>Sender</Type><Code>AuthorizationError</Code>"                     \
    "<Message>no sns:Publish</Message></Error></ErrorResponse>"

#define FAULT                                                                                      \
    "<ErrorResponse><Error><Type>Receiver</Type><Code>InternalError</Code>"                        \
    "<Message>as the test says</Message></Error></ErrorResponse>"

struct fake_table fake_table;

void fake_table_set_up(void)
{
    fake_table = (struct fake_table){.items = json_object(), .refused_key = "", .refusals = -1};
}

void fake_table_tear_down(void)
{
    json_decref(fake_table.items);
    fake_table.items = NULL;
}

/* "GetItem" of "DynamoDB_20120810.GetItem"; "" of other services. */
static const char *operation_of(const struct fake_request *request)
{
    const char *dot = strchr(request->target, '.');
    return strncmp(request->target, "DynamoDB_", 9) == 0 && dot != NULL ? dot + 1 : "";
}

static const char *text_at(const json_t *item, const char *name, const char *kind)
{
    return json_get_string(json_object_get(item, name), kind, "");
}

static const char *key_of(const json_t *request)
{
    const json_t *key = json_object_get(request, "Key");
    return text_at(key != NULL ? key : json_object_get(request, "Item"), "pk", "S");
}

/* Amazon DynamoDB Developer Guide, "Error handling with DynamoDB": status 400 and a __type. */
static struct fake_answer refuse(const char *code)
{
    char body[300];
    snprintf(
        body, sizeof body,
        "{\"__type\":\"com.amazonaws.dynamodb.v20120810#%s\",\"message\":\"as the test says\"}",
        code);
    return fake_reply(400, body);
}

static struct fake_answer answer(json_t *body)
{
    char *text = json_dumps(body, 0);
    json_decref(body);
    return (struct fake_answer){.status = 200, .body = text};
}

static struct fake_answer get(const json_t *request)
{
    json_t *item = json_object_get(fake_table.items, key_of(request));
    return answer(item != NULL ? json_pack("{s:O}", "Item", item) : json_object());
}

static struct fake_answer put(const json_t *request)
{
    const char *condition = json_get_string(request, "ConditionExpression", "");
    const json_t *values = json_object_get(request, "ExpressionAttributeValues");
    const json_t *old = json_object_get(fake_table.items, key_of(request));
    bool holds = strcmp(condition, "attribute_not_exists(pk)") == 0 && old == NULL;
    if (strcmp(condition, "revision_no = :read") == 0)
        holds = old != NULL &&
                strcmp(text_at(old, "revision_no", "N"), text_at(values, ":read", "N")) == 0;
    if (!holds)
        return refuse("ConditionalCheckFailedException");
    json_object_set(fake_table.items, key_of(request), json_object_get(request, "Item"));
    return answer(json_object());
}

/* One item per page, whether it matches or not: so a page may be empty, as in AWS. */
static struct fake_answer scan(const json_t *request)
{
    const char *from = text_at(json_object_get(request, "ExclusiveStartKey"), "pk", "S");
    void *at = from[0] == '\0' ? json_object_iter(fake_table.items)
                               : json_object_iter_next(fake_table.items,
                                                       json_object_iter_at(fake_table.items, from));
    json_t *item = at != NULL ? json_object_iter_value(at) : NULL;
    bool passes = strcmp(text_at(item, "item_kind", "S"), "resource") == 0 &&
                  strcmp(text_at(item, "open_checks", "N"), "0") != 0;
    json_t *page = json_pack("{s:[]}", "Items");
    if (passes)
        json_array_append(json_object_get(page, "Items"), item);
    if (at != NULL && json_object_iter_next(fake_table.items, at) != NULL)
        json_object_set_new(page, "LastEvaluatedKey",
                            json_pack("{s:{s:s}}", "pk", "S", json_object_iter_key(at)));
    return answer(page);
}

static struct fake_answer publish(const struct fake_request *request)
{
    size_t used = strlen(fake_table.subjects);
    if (fake_table.mute)
        return fake_reply(403, NO_PUBLISH);
    if (fake_table.busy > 0 && fake_table.busy-- > 0)
        return fake_reply(500, FAULT);
    const char *subject = fake_form(request, "Subject");
    if (strncmp(subject, "[open]", 6) == 0)
        fake_table.sums++;
    else
        fake_table.published++;
    snprintf(fake_table.subjects + used, sizeof fake_table.subjects - used, "%s\n", subject);
    return fake_reply(200, PUBLISHED);
}

static struct fake_answer take_events(const json_t *params)
{
    size_t i;
    json_t *entry;
    json_t *results = json_array();
    json_array_foreach (json_object_get(params, "Entries"), i, entry) {
        size_t used = strlen(fake_table.events);
        snprintf(fake_table.events + used, sizeof fake_table.events - used, "%s\n",
                 json_get_string(entry, "DetailType", ""));
        json_array_append_new(results, json_pack("{s:s}", "EventId", "e-1"));
    }
    return answer(json_pack("{s:i, s:o}", "FailedEntryCount", 0, "Entries", results));
}

static bool is_refused(const char *operation, const char *key)
{
    bool is = fake_table.refused != NULL && strcmp(fake_table.refused, operation) == 0 &&
              strncmp(key, fake_table.refused_key, strlen(fake_table.refused_key)) == 0;
    if (is && fake_table.refusals > 0)
        fake_table.refusals--;
    else if (fake_table.refusals == 0)
        return false;
    return is;
}

struct fake_answer fake_table_answer(const struct fake_request *request, size_t index)
{
    const char *operation = operation_of(request);
    (void)index;
    if (strstr(request->url, "://sns.") != NULL)
        return publish(request);
    if (strcmp(request->target, "AWSEvents.PutEvents") == 0)
        return take_events(request->json);
    if (is_refused(operation, key_of(request->json)))
        return refuse(fake_table.code != NULL ? fake_table.code : "AccessDeniedException");
    if (strcmp(operation, "GetItem") == 0)
        return get(request->json);
    if (strcmp(operation, "PutItem") == 0)
        return put(request->json);
    if (strcmp(operation, "Scan") == 0)
        return scan(request->json);
    return fake_reply(200, "{}");
}

const json_t *fake_table_request(const char *operation, int number)
{
    for (size_t i = 0; i < fake_aws.count; i++) {
        if (strcmp(operation_of(&fake_aws.requests[i]), operation) == 0 && number-- == 0)
            return fake_aws.requests[i].json;
    }
    return NULL;
}

int fake_table_count(const char *operation)
{
    int count = 0;
    while (fake_table_request(operation, count) != NULL)
        count++;
    return count;
}

json_t *fake_table_item(const char *prefix)
{
    const char *key;
    json_t *item;
    json_object_foreach (fake_table.items, key, item) {
        if (strncmp(key, prefix, strlen(prefix)) == 0)
            return item;
    }
    return NULL;
}
