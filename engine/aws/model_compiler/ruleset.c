#include "aws/model_compiler/ruleset.h"

#include <ctype.h>
#include <string.h>

#include "aws/model_compiler/builder.h"
#include "base/mem.h"

#define MAX_TEXT 4096
#define MAX_DEPTH 64

struct scope {
    json_t *values; /* parameters, and values assigned by conditions */
    const json_t *partition;
    int depth;
};

static json_t *evaluate(const struct scope *scope, const json_t *value);

/* "partition#name" or "partition": new reference or NULL. */
static json_t *look_up(const struct scope *scope, const char *reference, size_t length)
{
    char *name = mem_strndup(reference, length);
    char *attribute = strchr(name, '#');
    if (attribute != NULL)
        *attribute++ = '\0';
    json_t *found = json_object_get(scope->values, name);
    if (found != NULL && attribute != NULL)
        found = json_object_get(found, attribute);
    mem_free(name);
    return json_incref(found);
}

/* Fills in "{Region}"; NULL if one of the names has no value. */
static json_t *expand(const struct scope *scope, const char *template)
{
    struct buf text;
    buf_init(&text, MAX_TEXT);
    while (*template != '\0') {
        const char *end = *template == '{' ? strchr(template, '}') : NULL;
        if (end == NULL) {
            buf_addc(&text, *template ++);
            continue;
        }
        json_t *value = look_up(scope, template + 1, (size_t)(end - template) - 1);
        text.failed |= !json_is_string(value);
        if (json_is_string(value))
            buf_adds(&text, json_string_value(value));
        json_decref(value);
        template = end + 1;
    }
    json_t *result = text.failed ? NULL : json_string(buf_text(&text));
    buf_clear(&text);
    return result;
}

static bool host_label(const char *text, size_t length)
{
    if (length == 0 || length > 63 || text[0] == '-')
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!isalnum((unsigned char)text[i]) && text[i] != '-')
            return false;
    }
    return true;
}

static bool valid_host(const char *text, bool subdomains)
{
    if (text == NULL || !subdomains)
        return text != NULL && host_label(text, strlen(text));
    for (;; text++) {
        size_t length = strcspn(text, ".");
        if (!host_label(text, length))
            return false;
        text += length;
        if (*text == '\0')
            return true;
    }
}

/* Both arguments are evaluated; either may be NULL: unset. */
static json_t *apply(const struct scope *scope, const char *function, json_t *first, json_t *second)
{
    if (strcmp(function, "isSet") == 0)
        return json_boolean(first != NULL);
    if (strcmp(function, "not") == 0)
        return json_boolean(first == NULL || json_is_false(first));
    if (strcmp(function, "booleanEquals") == 0 || strcmp(function, "stringEquals") == 0)
        return json_boolean(first != NULL && second != NULL && json_equal(first, second));
    if (strcmp(function, "getAttr") == 0 && json_is_string(second))
        return json_incref(json_object_get(first, json_string_value(second)));
    if (strcmp(function, "aws.partition") == 0 && json_is_string(first))
        return json_incref(json_object_get(scope->partition, "outputs"));
    if (strcmp(function, "isValidHostLabel") == 0)
        return json_boolean(valid_host(json_string_value(first), json_is_true(second)));
    return NULL;
}

static json_t *call(const struct scope *scope, const char *function, const json_t *arguments)
{
    json_t *first = evaluate(scope, json_array_get(arguments, 0));
    json_t *second = evaluate(scope, json_array_get(arguments, 1));
    json_t *result = apply(scope, function, first, second);
    json_decref(first);
    json_decref(second);
    return result;
}

/* New reference, or NULL: unset. */
static json_t *evaluate(const struct scope *scope, const json_t *value)
{
    if (json_is_string(value))
        return expand(scope, json_string_value(value));
    if (json_object_get(value, "ref") != NULL) {
        const char *name = text_of(value, "ref");
        return look_up(scope, name, strlen(name));
    }
    if (json_object_get(value, "fn") != NULL)
        return call(scope, text_of(value, "fn"), json_object_get(value, "argv"));
    return json_incref((json_t *)(uintptr_t)value);
}

static bool conditions_hold(struct scope *scope, const json_t *conditions)
{
    size_t index;
    json_t *condition;
    json_array_foreach (conditions, index, condition) {
        json_t *value = evaluate(scope, condition);
        const char *assign = text_of(condition, "assign");
        bool holds = value != NULL && !json_is_false(value);
        if (holds && assign[0] != '\0')
            json_object_set(scope->values, assign, value);
        json_decref(value);
        if (!holds)
            return false;
    }
    return true;
}

static char *expanded_text(const struct scope *scope, const json_t *value)
{
    json_t *text = evaluate(scope, value);
    char *copy = mem_strdup(json_string_value(text));
    json_decref(text);
    return copy;
}

/* The first authentication scheme that is Signature Version 4; others are not supported. */
static const json_t *scheme_of(const json_t *endpoint)
{
    const json_t *properties = json_object_get(endpoint, "properties");
    size_t index;
    json_t *scheme;
    json_array_foreach (json_object_get(properties, "authSchemes"), index, scheme) {
        if (strcmp(text_of(scheme, "name"), "sigv4") == 0)
            return scheme;
    }
    return NULL;
}

static bool answer_with(const struct scope *scope, const json_t *endpoint,
                        struct ruleset_answer *answer)
{
    const json_t *scheme = scheme_of(endpoint);
    answer->url = expanded_text(scope, json_object_get(endpoint, "url"));
    answer->signing_region = expanded_text(scope, json_object_get(scheme, "signingRegion"));
    answer->signing_name = expanded_text(scope, json_object_get(scheme, "signingName"));
    return answer->url != NULL;
}

enum outcome { OUTCOME_NO_MATCH, OUTCOME_ENDPOINT, OUTCOME_ERROR };

static enum outcome walk(const struct scope *outer, const json_t *rules,
                         struct ruleset_answer *answer);

static enum outcome try_rule(struct scope *scope, const json_t *rule, struct ruleset_answer *answer)
{
    if (!conditions_hold(scope, json_object_get(rule, "conditions")))
        return OUTCOME_NO_MATCH;
    const json_t *endpoint = json_object_get(rule, "endpoint");
    if (endpoint != NULL)
        return answer_with(scope, endpoint, answer) ? OUTCOME_ENDPOINT : OUTCOME_ERROR;
    const json_t *rules = json_object_get(rule, "rules");
    if (rules == NULL || scope->depth == MAX_DEPTH)
        return OUTCOME_ERROR;
    /* If the conditions of a tree are true, no other rule is tried. */
    return walk(scope, rules, answer) == OUTCOME_ENDPOINT ? OUTCOME_ENDPOINT : OUTCOME_ERROR;
}

static enum outcome walk(const struct scope *outer, const json_t *rules,
                         struct ruleset_answer *answer)
{
    enum outcome outcome = OUTCOME_NO_MATCH;
    for (size_t i = 0; i < json_array_size(rules) && outcome == OUTCOME_NO_MATCH; i++) {
        struct scope scope = {json_copy(outer->values), outer->partition, outer->depth + 1};
        outcome = try_rule(&scope, json_array_get(rules, i), answer);
        json_decref(scope.values);
    }
    return outcome;
}

static json_t *with_defaults(const json_t *ruleset, const json_t *parameters)
{
    json_t *values = json_object();
    const char *name;
    json_t *parameter;
    json_object_foreach (json_object_get(ruleset, "parameters"), name, parameter) {
        json_t *value = json_object_get(parameters, name);
        if (value == NULL)
            value = json_object_get(parameter, "default");
        if (value != NULL)
            json_object_set(values, name, value);
    }
    return values;
}

bool ruleset_resolve(const json_t *ruleset, const json_t *parameters, const json_t *partition,
                     struct ruleset_answer *answer)
{
    struct scope scope = {with_defaults(ruleset, parameters), partition, 0};
    *answer = (struct ruleset_answer){NULL, NULL, NULL};
    bool found = walk(&scope, json_object_get(ruleset, "rules"), answer) == OUTCOME_ENDPOINT;
    json_decref(scope.values);
    if (!found)
        ruleset_answer_clear(answer);
    return found;
}

void ruleset_answer_clear(struct ruleset_answer *answer)
{
    mem_free(answer->url);
    mem_free(answer->signing_region);
    mem_free(answer->signing_name);
    *answer = (struct ruleset_answer){NULL, NULL, NULL};
}
