/* Source: Amazon DynamoDB Developer Guide, "Service, account, and table quotas": an item has at
 * most 400 KB, names included. */
#include "state/organization_parts.h"

#include <string.h>

#include "base/mem.h"
#include "settings/organization.h"
#include "state/state_table_internal.h"
#include "value/json.h"

#define PART_ACCOUNTS 15000 /* in one item: 15 bytes each, and their parents */

struct parts {
    struct state_table *table;
    char *key;
    size_t at;
    json_t *contents; /* to be written */
    json_t *digests;
    const json_t *parents;
    json_t *accounts; /* that were read */
    organization_written written;
    organization_read read;
    void *arg;
};

void organization_digest(const json_t *value, char hex[SHA256_HEX])
{
    unsigned char digest[SHA256_BYTES];
    char *text = json_text(value);
    digest_sha256(text, strlen(text), digest);
    digest_hex(digest, sizeof digest, hex);
    mem_free(text);
}

static struct parts *parts_new(struct state_table *table, const char *key, void *arg)
{
    struct parts *parts = mem_alloc(sizeof *parts);
    *parts = (struct parts){.table = table, .key = mem_strdup(key), .arg = arg};
    return parts;
}

static void parts_free(struct parts *parts)
{
    json_decref(parts->contents);
    json_decref(parts->digests);
    json_decref(parts->accounts);
    mem_free(parts->key);
    mem_free(parts);
}

static char *part_key(const struct parts *parts)
{
    return mem_printf("%s/%zu", parts->key, parts->at);
}

/* ---- writing ---- */

static void add(json_t *contents, size_t count, const char *id, const char *parent)
{
    if (count % PART_ACCOUNTS == 0)
        json_array_append_new(contents, json_object());
    json_t *content = json_array_get(contents, count / PART_ACCOUNTS);
    json_t *ids = json_object_get(content, parent);
    if (ids == NULL) {
        json_object_set_new(content, parent, json_array());
        ids = json_object_get(content, parent);
    }
    json_array_append_new(ids, json_string(id));
}

static void divide(struct parts *parts, const json_t *accounts)
{
    char hex[SHA256_HEX];
    size_t i = 0;
    const char *id;
    json_t *value;
    parts->contents = json_array();
    parts->digests = json_array();
    if (json_object_size(accounts) == 0)
        json_array_append_new(parts->contents, json_object());
    json_object_foreach ((json_t *)(uintptr_t)accounts, id, value)
        add(parts->contents, i++, id, json_string_value(value));
    json_array_foreach (parts->contents, i, value) {
        organization_digest(value, hex);
        json_array_append_new(parts->digests, json_string(hex));
    }
}

static void write_next(struct parts *parts);

static void on_written(void *arg, const struct err *err)
{
    struct parts *parts = arg;
    parts->at++;
    if (err == NULL && parts->at < json_array_size(parts->contents)) {
        write_next(parts);
        return;
    }
    parts->written(parts->arg, parts->digests, err);
    parts_free(parts);
}

static void write_next(struct parts *parts)
{
    char *key = part_key(parts);
    const struct state_content content = {.key = key,
                                          .kind = "organization",
                                          .content = json_array_get(parts->contents, parts->at),
                                          .expires_s = state_now_s() + ORGANIZATION_KEPT_S};
    state_put(parts->table, &content, on_written, parts);
    mem_free(key);
}

void organization_parts_write(struct state_table *table, const char *key, const json_t *accounts,
                              organization_written done, void *arg)
{
    struct parts *parts = parts_new(table, key, arg);
    parts->written = done;
    divide(parts, accounts);
    write_next(parts);
}

/* ---- reading ---- */

static void end_reading(struct parts *parts, const struct err *err)
{
    parts->read(parts->arg, parts->accounts, err);
    parts_free(parts);
}

static bool is_asked(const struct parts *parts, const char *parent)
{
    size_t i;
    json_t *asked;
    json_array_foreach ((json_t *)(uintptr_t)parts->parents, i, asked) {
        if (strcmp(json_string_value(asked), parent) == 0)
            return true;
    }
    return false;
}

static bool take_ids(struct parts *parts, const json_t *ids, const char *parent)
{
    size_t i;
    json_t *id;
    json_array_foreach ((json_t *)(uintptr_t)ids, i, id) {
        const char *text = json_string_value(id);
        if (text == NULL || !organization_is_account(text))
            return false;
        json_object_set_new(parts->accounts, text, json_string(parent));
    }
    return true;
}

static const char *take(struct parts *parts, const json_t *content)
{
    char hex[SHA256_HEX];
    const char *digest = json_string_value(json_array_get(parts->digests, parts->at));
    const char *parent;
    json_t *ids;
    organization_digest(content, hex);
    if (digest == NULL || strcmp(digest, hex) != 0)
        return "a part is missing, or differs from the one that was written";
    json_object_foreach ((json_t *)(uintptr_t)content, parent, ids) {
        if (!is_asked(parts, parent) || !take_ids(parts, ids, parent))
            return "it contains something that no listing returns";
    }
    return NULL;
}

static void read_next(struct parts *parts);

static void on_read(void *arg, const struct state_item *item, const struct err *err)
{
    struct parts *parts = arg;
    struct err why = {0};
    const char *flaw = err == NULL ? take(parts, item->content) : NULL;
    if (flaw != NULL)
        err_set(&why, ERR_PARSE, ORGANIZATION_UNUSABLE, parts->key, flaw);
    parts->at++;
    if (err != NULL || flaw != NULL)
        end_reading(parts, err != NULL ? err : &why);
    else if (parts->at < json_array_size(parts->digests))
        read_next(parts);
    else
        end_reading(parts, NULL);
}

static void read_next(struct parts *parts)
{
    char *key = part_key(parts);
    state_get(parts->table, key, on_read, parts);
    mem_free(key);
}

void organization_parts_read(struct state_table *table, const char *key, json_t *digests,
                             const json_t *parents, organization_read done, void *arg)
{
    struct parts *parts = parts_new(table, key, arg);
    parts->read = done;
    parts->digests = json_incref(digests);
    parts->parents = parents;
    parts->accounts = json_object();
    read_next(parts);
}
