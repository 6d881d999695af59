#include "net/recording/redaction_json.h"

#include <string.h>
#include <strings.h>

#include "net/recording/redaction_names.h"
#include "value/json.h"

static bool redaction_leaves(json_t *value, bool keep_names);

static json_t *redacted_leaf(json_t *value, bool keep_names, bool *redacted)
{
    if (!json_is_string(value)) {
        *redacted |= redaction_leaves(value, keep_names);
        return NULL;
    }
    *redacted = true;
    return json_string(RECORDED_SECRET);
}

/* Redacts every text below a member with a secret's name. Names of variables are not secret:
 * policies see them. */
static bool redaction_leaves(json_t *value, bool keep_names)
{
    bool redacted = false;
    const char *key;
    json_t *member;
    size_t i;
    json_object_foreach (value, key, member) {
        if (keep_names && strcmp(key, "name") == 0)
            continue;
        json_t *leaf = redacted_leaf(member, keep_names, &redacted);
        if (leaf != NULL)
            json_object_set_new_nocheck(value, key, leaf);
    }
    json_array_foreach (value, i, member) {
        json_t *leaf = redacted_leaf(member, keep_names, &redacted);
        if (leaf != NULL)
            json_array_set_new(value, i, leaf);
    }
    return redacted;
}

/* A tag called "environment" is not a set of environment variables. */
static bool is_secret_member(const char *key, const json_t *value, bool with_ids)
{
    return redaction_is_secret(key, strlen(key), with_ids) &&
           !(json_is_string(value) && strcasecmp(key, "environment") == 0);
}

/* A parameter of Systems Manager, in ssm:GetParameter and ssm:PutParameter: its type says whether
 * its value is a secret. */
static bool is_secure_value(const json_t *object, const char *key)
{
    return strcmp(key, "Value") == 0 &&
           strcmp(json_get_string(object, "Type", ""), "SecureString") == 0;
}

static bool redaction_members(json_t *value, bool with_ids)
{
    bool redacted = false;
    const char *key;
    json_t *member;
    size_t i;
    json_object_foreach (value, key, member) {
        if (!is_secret_member(key, member, with_ids) && !is_secure_value(value, key)) {
            redacted |= redaction_members(member, with_ids);
            continue;
        }
        bool keep_names = json_is_array(member) && strncasecmp(key, "environment", 11) == 0;
        json_t *leaf = redacted_leaf(member, keep_names, &redacted);
        if (leaf != NULL)
            json_object_set_new_nocheck(value, key, leaf);
    }
    json_array_foreach (value, i, member)
        redacted |= redaction_members(member, with_ids);
    return redacted;
}

static bool has_key(json_t *value)
{
    const char *key;
    json_t *member;
    size_t i;
    json_object_foreach (value, key, member) {
        if (strcasecmp(key, "SecretAccessKey") == 0 || has_key(member))
            return true;
    }
    json_array_foreach (value, i, member) {
        if (has_key(member))
            return true;
    }
    return false;
}

bool redaction_json(const struct redaction *redaction, json_t *value)
{
    bool redacted = redaction_members(value, has_key(value));
    if (redaction->marks != NULL &&
        redaction->marks->redact_body(redaction->marks, redaction->answer, value))
        redacted = true;
    return redacted;
}

void redaction_json_text(const struct redaction *redaction, struct buf *out, const char *text,
                         size_t length)
{
    struct err ignored = {0};
    json_t *value = json_parse(text, length, &ignored);
    if (value != NULL && redaction_json(redaction, value))
        json_write(value, out);
    else if (value != NULL || !redaction_names_a_secret(redaction, text, length))
        buf_add(out, text, length);
    else
        buf_adds(out, RECORDED_SECRET);
    json_decref(value);
}
