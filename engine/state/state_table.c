/* Source: Amazon DynamoDB API Reference, GetItem, PutItem, UpdateItem, Scan; Amazon DynamoDB
 * Developer Guide, "Condition expressions" and "Using time to live (TTL) in DynamoDB" (expired
 * items can still be read until they are deleted). */
#include "state/state_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/mem.h"
#include "notify/message_table.h"
#include "state/state_table_internal.h"
#include "value/json.h"

#define ASK_EVERY_S (15 * 60)
#define NOTE_AGAIN_MS 60000

static const char *const read_failed = "STATE_TABLE cannot be read";
static const char *const write_failed = "STATE_TABLE cannot be written";

/* ---- its name ---- */

/* Amazon DynamoDB Developer Guide, "Naming rules": 3 to 255 letters, digits and _.- */
static bool is_table(const char *text)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    const char *name = text;
    if (strncmp(text, "arn:", 4) == 0) {
        name = strstr(text, ":table/");
        if (name == NULL || strstr(text, ":dynamodb:") == NULL)
            return false;
        name += strlen(":table/");
    }
    size_t length = strlen(name);
    return length >= 3 && length <= 255 && strspn(name, allowed) == length;
}

int state_table_check(const struct settings *settings, struct err *err)
{
    const char *table = settings->state_table;
    if (table == NULL && settings->max_changes_per_day >= 0)
        return err_set(err, ERR_USAGE,
                       "MAX_CHANGES_PER_DAY: the changes of a day are counted in STATE_TABLE, "
                       "which is not set");
    if (table != NULL && !is_table(table))
        return err_set(err, ERR_USAGE,
                       "STATE_TABLE: '%s' is not the name or ARN of a DynamoDB table", table);
    return 0;
}

struct state_table *state_table_new(struct message *message, const struct settings *settings)
{
    if (settings->state_table == NULL)
        return NULL;
    struct state_table *table = mem_alloc(sizeof *table);
    table->message = message;
    table->settings = settings;
    table->asked = json_object();
    random_uuid(table->token);
    return table;
}

void state_table_free(struct state_table *table)
{
    if (table == NULL)
        return;
    json_decref(table->asked);
    mem_free(table->noted);
    mem_free(table);
}

bool state_table_is_to_ask(struct state_table *table, const char *account)
{
    int64_t now_s = state_now_s();
    if (json_get_integer(table->asked, account, 0) > now_s - ASK_EVERY_S)
        return false;
    json_object_set_new(table->asked, account, json_integer((json_int_t)now_s));
    return true;
}

void state_table_ask_again(struct state_table *table, const char *account)
{
    json_object_del(table->asked, account);
}

void state_table_on_count(struct state_table *table, state_count_fn count)
{
    table->count = count;
}

void state_count(const struct state_table *table, const char *metric)
{
    if (table->count != NULL)
        table->count(metric);
}

/* A table that is gone refuses each call of a run: its error is logged again after a while. */
static bool was_just_noted(const struct state_table *table, const char *message)
{
    return table->noted != NULL && strcmp(table->noted, message) == 0 &&
           clock_mono_ms() - table->noted_ms < NOTE_AGAIN_MS;
}

void state_note(struct state_table *table, const struct err *err)
{
    if (!was_just_noted(table, err->message)) {
        log_error("%s", err->message);
        mem_free(table->noted);
        table->noted = mem_strdup(err->message);
        table->noted_ms = clock_mono_ms();
    }
    state_count(table, "StateTableFailures");
}

/* ---- the values of items ---- */

int64_t state_now_s(void)
{
    return clock_wall_ms() / 1000;
}

void state_day(char out[16])
{
    char now[CLOCK_TEXT];
    clock_rfc3339(clock_wall_ms(), now);
    snprintf(out, 16, "%.10s", now);
}

json_t *state_number(int64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)value);
    return json_pack("{s:s}", "N", text);
}

json_t *state_text(const char *text)
{
    return json_pack("{s:s}", "S", text);
}

char *state_key(const char *kind, const struct resource *resource, bool global, const char *check)
{
    unsigned char digest[SHA256_BYTES];
    char hex[SHA256_HEX];
    json_t *parts = json_pack("[s, s, s, s, s]", resource->account, global ? "" : resource->region,
                              resource->type, resource->id, check);
    char *text = json_text(parts);
    digest_sha256(text, strlen(text), digest);
    digest_hex(digest, sizeof digest, hex);
    json_decref(parts);
    mem_free(text);
    return mem_printf("%s/%s", kind, hex);
}

static int64_t number_in(const json_t *item, const char *name)
{
    return strtoll(json_get_string(json_object_get(item, name), "N", "0"), NULL, 10);
}

static json_t *content_in(const json_t *item)
{
    const char *text = json_get_string(json_object_get(item, "content"), "S", "{}");
    json_t *content = json_parse(text, strlen(text), &(struct err){0});
    if (json_is_object(content))
        return content;
    json_decref(content);
    return json_object();
}

/* ---- calls ---- */

struct reading {
    struct state_table *table;
    state_got done;
    void *arg;
};

static void on_read(void *arg, json_t *result, const struct err *err)
{
    struct reading reading = *(struct reading *)arg;
    struct err failure = err != NULL ? *err : (struct err){0};
    const json_t *found = json_object_get(result, "Item");
    mem_free(arg);
    if (err != NULL) {
        err_prefix(&failure, "%s", read_failed);
        reading.done(reading.arg, NULL, &failure);
        return;
    }
    struct state_item item = {.revision = number_in(found, "revision_no"),
                              .expires_s = number_in(found, "expires_at")};
    bool fresh = item.expires_s > state_now_s();
    item.content = fresh ? content_in(found) : json_object();
    reading.done(reading.arg, &item, NULL);
    json_decref(item.content);
}

void state_get(struct state_table *table, const char *key, state_got done, void *arg)
{
    struct reading *reading = mem_alloc(sizeof *reading);
    *reading = (struct reading){.table = table, .done = done, .arg = arg};
    json_t *params = json_pack("{s:{s:o}, s:b}", "Key", "pk", state_text(key), "ConsistentRead", 1);
    message_table(table->message, TABLE_GET, params, on_read, reading);
}

struct writing {
    message_done done;
    void *arg;
};

static void on_written(void *arg, json_t *result, const struct err *err)
{
    struct writing writing = *(struct writing *)arg;
    struct err failure = err != NULL ? *err : (struct err){0};
    (void)result;
    mem_free(arg);
    if (err != NULL)
        err_prefix(&failure, "%s", write_failed);
    writing.done(writing.arg, err != NULL ? &failure : NULL);
}

static void write_by(struct state_table *table, enum message_table_call call, json_t *params,
                     message_done done, void *arg)
{
    struct writing *writing = mem_alloc(sizeof *writing);
    *writing = (struct writing){.done = done, .arg = arg};
    message_table(table->message, call, params, on_written, writing);
}

void state_update(struct state_table *table, json_t *params, message_done done, void *arg)
{
    write_by(table, TABLE_UPDATE, params, done, arg);
}

void state_put(struct state_table *table, const struct state_content *content, message_done done,
               void *arg)
{
    char *text = json_text(content->content);
    json_t *item = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "pk", state_text(content->key),
                             "item_kind", state_text(content->kind), "content", state_text(text),
                             "revision_no", state_number(content->revision + 1), "expires_at",
                             state_number(content->expires_s), "open_checks",
                             state_number((int64_t)content->open));
    json_t *params = json_pack("{s:o}", "Item", item);
    mem_free(text);
    if (content->revision == 0) {
        json_object_set_new(params, "ConditionExpression", json_string("attribute_not_exists(pk)"));
    } else {
        json_object_set_new(params, "ConditionExpression", json_string("revision_no = :read"));
        json_object_set_new(params, "ExpressionAttributeValues",
                            json_pack("{s:o}", ":read", state_number(content->revision)));
    }
    write_by(table, TABLE_PUT, params, done, arg);
}

bool state_is_conflict(const struct err *err)
{
    return err != NULL && strcmp(err->code, "ConditionalCheckFailedException") == 0;
}

/* ---- all open findings ---- */

struct scan {
    struct state_table *table;
    state_page page;
    void *arg;
};

static void scan_from(const struct scan *scan, const json_t *key);

static void on_scanned(void *arg, json_t *result, const struct err *err)
{
    struct scan scan = *(struct scan *)arg;
    struct err failure = err != NULL ? *err : (struct err){0};
    const json_t *next = json_object_get(result, "LastEvaluatedKey");
    json_t *contents = json_array();
    size_t i;
    json_t *item;
    mem_free(arg);
    if (err != NULL)
        err_prefix(&failure, "%s", read_failed);
    json_array_foreach (json_object_get(result, "Items"), i, item)
        json_array_append_new(contents, content_in(item));
    bool last = err != NULL || json_object_size(next) == 0;
    if (!last)
        scan_from(&scan, next);
    scan.page(scan.arg, contents, last, err != NULL ? &failure : NULL);
    json_decref(contents);
}

static void scan_from(const struct scan *scan, const json_t *key)
{
    struct scan *next = mem_alloc(sizeof *next);
    *next = *scan;
    json_t *params = json_pack("{s:s, s:s, s:{s:o, s:o, s:o}}", "ProjectionExpression", "content",
                               "FilterExpression",
                               "item_kind = :kind AND open_checks > :none AND expires_at > :now",
                               "ExpressionAttributeValues", ":kind", state_text("resource"),
                               ":none", state_number(0), ":now", state_number(state_now_s()));
    if (key != NULL)
        json_object_set_new(params, "ExclusiveStartKey", json_deep_copy(key));
    message_table(scan->table->message, TABLE_SCAN, params, on_scanned, next);
}

void state_scan(struct state_table *table, state_page page, void *arg)
{
    const struct scan scan = {.table = table, .page = page, .arg = arg};
    scan_from(&scan, NULL);
}
