#include "net/recording/mask_json.h"

#include <string.h>
#include <strings.h>

#include "net/recording/mask_names.h"
#include "value/json.h"

static bool mask_leaves(json_t *value, bool keep_names);

static json_t *masked_leaf(json_t *value, bool keep_names, bool *masked)
{
    if (!json_is_string(value)) {
        *masked |= mask_leaves(value, keep_names);
        return NULL;
    }
    *masked = true;
    return json_string(MASKED);
}

/* Redacts every text below a member with a secret's name. Names of variables are not secret:
 * policies see them. */
static bool mask_leaves(json_t *value, bool keep_names)
{
    bool masked = false;
    const char *key;
    json_t *member;
    size_t i;
    json_object_foreach (value, key, member) {
        if (keep_names && strcmp(key, "name") == 0)
            continue;
        json_t *leaf = masked_leaf(member, keep_names, &masked);
        if (leaf != NULL)
            json_object_set_new_nocheck(value, key, leaf);
    }
    json_array_foreach (value, i, member) {
        json_t *leaf = masked_leaf(member, keep_names, &masked);
        if (leaf != NULL)
            json_array_set_new(value, i, leaf);
    }
    return masked;
}

/* A tag called "environment" is not a set of environment variables. */
static bool is_secret_member(const char *key, const json_t *value, bool with_ids)
{
    return mask_is_secret(key, strlen(key), with_ids) &&
           !(json_is_string(value) && strcasecmp(key, "environment") == 0);
}

/* A parameter of Systems Manager, in ssm:GetParameter and ssm:PutParameter: its type says whether
 * its value is a secret. */
static bool is_secure_value(const json_t *object, const char *key)
{
    return strcmp(key, "Value") == 0 &&
           strcmp(json_get_string(object, "Type", ""), "SecureString") == 0;
}

static bool mask_members(json_t *value, bool with_ids)
{
    bool masked = false;
    const char *key;
    json_t *member;
    size_t i;
    json_object_foreach (value, key, member) {
        if (!is_secret_member(key, member, with_ids) && !is_secure_value(value, key)) {
            masked |= mask_members(member, with_ids);
            continue;
        }
        bool keep_names = json_is_array(member) && strncasecmp(key, "environment", 11) == 0;
        json_t *leaf = masked_leaf(member, keep_names, &masked);
        if (leaf != NULL)
            json_object_set_new_nocheck(value, key, leaf);
    }
    json_array_foreach (value, i, member)
        masked |= mask_members(member, with_ids);
    return masked;
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

bool mask_json(const struct mask *mask, json_t *value)
{
    bool masked = mask_members(value, has_key(value));
    if (mask->marks != NULL && mask->marks->cover(mask->marks, mask->answer, value))
        masked = true;
    return masked;
}

void mask_json_text(const struct mask *mask, struct buf *out, const char *text, size_t length)
{
    struct err ignored = {0};
    json_t *value = json_parse(text, length, &ignored);
    if (value != NULL && mask_json(mask, value))
        json_write(value, out);
    else if (value != NULL || !mask_names_a_secret(mask, text, length))
        buf_add(out, text, length);
    else
        buf_adds(out, MASKED);
    json_decref(value);
}
