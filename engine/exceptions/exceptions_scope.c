#include "exceptions/exceptions_scope.h"

#include "exceptions/exceptions_internal.h"
#include "exceptions/exceptions_rules.h"

json_t *exceptions_scope(const struct exceptions *exceptions, bool all)
{
    if (exceptions == NULL || (exceptions->count == 0 && exceptions->digest[0] == '\0'))
        return NULL;
    json_t *expired = json_array(), *unused = json_array();
    for (size_t i = 0; i < exceptions->count; i++) {
        const struct rule *rule = &exceptions->rules[i];
        if (exceptions_expired(exceptions, rule))
            json_array_append(expired, rule->shown);
        else if (!rule->used)
            json_array_append(unused, rule->shown);
    }
    json_t *scope =
        json_pack("{s:I, s:o}", "rules", (json_int_t)exceptions->count, "expired", expired);
    if (all)
        json_object_set(scope, "unused", unused);
    if (exceptions->digest[0] != '\0')
        json_object_set_new(scope, "sha256", json_string(exceptions->digest));
    json_decref(unused);
    return scope;
}
