#include "exceptions/exceptions_rules.h"

#include "base/mem.h"
#include "exceptions/exceptions_internal.h"
#include "value/json.h"

static void show(json_t *shown, const char *key, const char *text)
{
    if (text != NULL)
        json_object_set_new(shown, key, json_string_nocheck(text));
}

/* A path or a reason need not be UTF-8: the rule is valid all the same. */
void exceptions_add(struct exceptions *exceptions, json_t *fields, const char *name,
                    const char *reason, const char *owner, const char *expires, int64_t expires_ms)
{
    size_t bytes = (exceptions->count + 1) * sizeof(struct rule);
    json_t *shown = json_object();
    show(shown, "rule", name);
    show(shown, "reason", reason);
    show(shown, "owner", owner);
    show(shown, "expires", expires);
    exceptions->has_ids |= json_object_get(fields, "id") != NULL;
    exceptions->rules = mem_resize(exceptions->rules, bytes);
    exceptions->rules[exceptions->count++] =
        (struct rule){.fields = fields, .shown = shown, .expires_ms = expires_ms};
}

bool exceptions_expired(const struct exceptions *exceptions, const struct rule *rule)
{
    return rule->expires_ms != 0 && exceptions->now_ms >= rule->expires_ms;
}
