#include "scope/scope_plan.h"

#include <stdbool.h>

static void put(json_t *object, const char *key, const json_t *from, const char *name)
{
    json_t *value = json_object_get(from, name);
    if (json_is_string(value))
        json_object_set(object, key, value);
}

json_t *scope_of_plan(const json_t *made_by)
{
    json_t *engine = json_object(), *caller = json_object(), *policies = json_object();
    put(engine, "version", made_by, "engine");
    put(engine, "commit", made_by, "commit");
    put(caller, "arn", made_by, "caller");
    put(policies, "sha256", made_by, "policies");
    bool known = json_object_size(caller) > 0;
    json_t *scope =
        json_pack("{s:s, s:s, s:o, s:o, s:o}", "command", "plan", "mode", "plan", "engine", engine,
                  "caller", known ? json_incref(caller) : json_null(), "policies", policies);
    json_decref(caller);
    return scope;
}
