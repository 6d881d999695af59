#include "exceptions/exceptions_file.h"

#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/suggest.h"
#include "exceptions/exceptions.h"
#include "exceptions/exceptions_internal.h"
#include "exceptions/exceptions_rules.h"
#include "value/json.h"

#define FILE_MAX (4u << 20)
#define DAY_MS (24 * 60 * 60 * 1000)

static const char *const selectors[] = {"account", "region", "type", "check", "id", NULL};
static const char *const words[] = {"reason", "owner", "expires", NULL};

static bool is_in(const char *const *names, const char *name)
{
    for (; *names != NULL; names++) {
        if (strcmp(*names, name) == 0)
            return true;
    }
    return false;
}

static bool is_pattern(const json_t *value)
{
    const char *text = json_string_value(value);
    return text != NULL && text[0] != '\0' && strlen(text) == json_string_length(value);
}

json_t *exceptions_patterns(const json_t *value)
{
    size_t i;
    json_t *item;
    if (is_pattern(value))
        return json_pack("[O]", value);
    json_array_foreach (value, i, item) {
        if (!is_pattern(item))
            return NULL;
    }
    return json_array_size(value) > 0 ? json_copy((json_t *)(uintptr_t)value) : NULL;
}

static int refuse_field(const char *name, struct err *err)
{
    struct suggest suggest;
    char hint[SUGGEST_TEXT];
    suggest_init(&suggest, name);
    for (size_t i = 0; selectors[i] != NULL; i++)
        suggest_offer(&suggest, selectors[i]);
    for (size_t i = 0; words[i] != NULL; i++)
        suggest_offer(&suggest, words[i]);
    suggest_offer(&suggest, "tag");
    suggest_text(&suggest, hint);
    return err_set(err, ERR_USAGE, "unknown field \"%s\"%s", name, hint);
}

static int read_tags(json_t *fields, const json_t *value, struct err *err)
{
    const char *name;
    json_t *given;
    json_t *tags = json_object();
    json_object_set_new(fields, "tag", tags);
    json_object_foreach ((json_t *)(uintptr_t)value, name, given) {
        json_t *patterns = exceptions_patterns(given);
        if (patterns == NULL)
            return err_set(err, ERR_USAGE,
                           "\"tag\": the value of \"%s\" must be a string or a "
                           "list of strings",
                           name);
        json_object_set_new_nocheck(tags, name, patterns); /* Lua names are any bytes */
    }
    if (json_object_size(value) == 0)
        return err_set(err, ERR_USAGE, "\"tag\" must be an object of names and values");
    return 0;
}

static int read_field(json_t *fields, const char *name, const json_t *value, struct err *err)
{
    if (strcmp(name, "tag") == 0)
        return read_tags(fields, value, err);
    if (is_in(words, name)) {
        if (is_pattern(value))
            return 0;
        return err_set(err, ERR_USAGE, "\"%s\" must be a string that is not empty", name);
    }
    if (!is_in(selectors, name))
        return refuse_field(name, err);
    json_t *patterns = exceptions_patterns(value);
    if (patterns == NULL)
        return err_set(err, ERR_USAGE, "\"%s\" must be a string or a list of strings", name);
    json_object_set_new(fields, name, patterns);
    return 0;
}

/* A date is valid through its last second, UTC. */
static int read_expiry(const char *text, int64_t *expires_ms, struct err *err)
{
    char *moment = mem_printf("%sT00:00:00Z", text);
    bool is_date = strlen(text) == 10 && clock_parse_rfc3339(moment, expires_ms) == 0;
    mem_free(moment);
    if (is_date)
        *expires_ms += DAY_MS;
    if (is_date || clock_parse_rfc3339(text, expires_ms) == 0) {
        *expires_ms = *expires_ms > 0 ? *expires_ms : 1; /* 0 would mean never */
        return 0;
    }
    return err_set(err, ERR_USAGE,
                   "\"expires\": '%s' is neither a date (2027-03-31) nor a time "
                   "(2027-03-31T12:00:00Z)",
                   text);
}

static int read_rule_fields(json_t *fields, const json_t *rule, struct err *err)
{
    const char *name;
    json_t *value;
    if (!json_is_object(rule))
        return err_set(err, ERR_USAGE, "a rule must be an object");
    json_object_foreach ((json_t *)(uintptr_t)rule, name, value) {
        if (read_field(fields, name, value, err) != 0)
            return -1;
    }
    if (json_object_get(rule, "reason") == NULL)
        return err_set(err, ERR_USAGE, "\"reason\" is missing");
    if (json_object_get(rule, "expires") == NULL)
        return err_set(err, ERR_USAGE, "\"expires\" is missing");
    if (json_object_size(fields) == 0)
        return err_set(err, ERR_USAGE,
                       "the rule would match everything: set at least one of account, region, "
                       "type, check, id, tag");
    return 0;
}

static int read_rule(struct exceptions *exceptions, const char *where, const json_t *rule,
                     struct err *err)
{
    int64_t expires_ms = 0;
    json_t *fields = json_object();
    if (read_rule_fields(fields, rule, err) != 0 ||
        read_expiry(json_get_string(rule, "expires", ""), &expires_ms, err) != 0) {
        json_decref(fields);
        return err_prefix(err, "%s", where);
    }
    exceptions_add(exceptions, fields, where, json_get_string(rule, "reason", ""),
                   json_get_string(rule, "owner", NULL), json_get_string(rule, "expires", ""),
                   expires_ms);
    return 0;
}

static bool is_lua(const char *path)
{
    size_t length = strlen(path);
    return length > 4 && strcmp(path + length - 4, ".lua") == 0;
}

/* Valid rules apply even if others are invalid; nothing is changed in that case anyway. */
static int read_rules(struct exceptions *exceptions, const char *path, const json_t *rules,
                      struct err *err)
{
    size_t i;
    json_t *rule;
    int result = 0;
    size_t first = is_lua(path) ? 1 : 0; /* counted as in the language */
    json_array_foreach (rules, i, rule) {
        char *where = mem_printf("%s: rules[%zu]", path, i + first);
        if (read_rule(exceptions, where, rule, result == 0 ? err : NULL) != 0)
            result = -1;
        mem_free(where);
    }
    return result;
}

static int check_document(const char *path, const json_t *document, struct err *err)
{
    const char *name;
    json_t *value;
    const json_t *rules = json_object_get(document, "rules");
    /* In Lua the empty list and the empty map are the same. */
    bool empty = is_lua(path) && json_is_object(rules) && json_object_size(rules) == 0;
    if (!json_is_array(rules) && !empty)
        return err_set(err, ERR_USAGE, "%s: must be an object with a list \"rules\"", path);
    json_object_foreach ((json_t *)(uintptr_t)document, name, value) {
        if (strcmp(name, "rules") != 0)
            return err_set(err, ERR_USAGE, "%s: unknown field \"%s\"", path, name);
    }
    return 0;
}

static json_t *read_document(struct evaluator *evaluator, const char *path, struct err *err)
{
    if (!is_lua(path))
        return json_load_path(path, FILE_MAX, err);
    if (evaluator != NULL)
        return evaluator->data(evaluator->self, path, err);
    err_set(err, ERR_USAGE, "%s: this command cannot read Lua", path);
    return NULL;
}

/* Takes ownership of the document. */
static int take(struct exceptions *exceptions, const char *name, json_t *document, struct err *err)
{
    if (document == NULL)
        return -1;
    int result = check_document(name, document, err);
    if (result == 0)
        result = read_rules(exceptions, name, json_object_get(document, "rules"), err);
    json_decref(document);
    return result;
}

static void note_digest(struct exceptions *exceptions, const char *bytes, size_t length)
{
    unsigned char digest[SHA256_BYTES];
    digest_sha256(bytes, length, digest);
    digest_hex(digest, sizeof digest, exceptions->digest);
}

static void note_file(struct exceptions *exceptions, const char *path)
{
    size_t length;
    char *text = file_read(path, FILE_MAX, &length);
    if (text != NULL)
        note_digest(exceptions, text, length);
    mem_free(text);
}

int exceptions_read_file(struct exceptions *exceptions, struct evaluator *evaluator,
                         const char *path, struct err *err)
{
    note_file(exceptions, path);
    return take(exceptions, path, read_document(evaluator, path, err), err);
}

int exceptions_read_text(struct exceptions *exceptions, const char *name,
                         const struct exceptions_text *text, struct err *err)
{
    if (is_lua(name))
        return err_set(err, ERR_USAGE, "%s: only a file on this machine may be Lua: write JSON",
                       name);
    if (text->unread != NULL) {
        *err = *text->unread;
        return -1;
    }
    note_digest(exceptions, text->bytes, text->length);
    json_t *document = json_parse(text->bytes, text->length, err);
    if (document == NULL)
        err_prefix(err, "%s", name);
    return take(exceptions, name, document, err);
}
