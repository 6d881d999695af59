/* Does the inverse in a journal belong to its own fix? The journal is a file, so its content is not
 * trusted. */
#include "change/gate_inverse.h"

#include <string.h>

#include "aws/operations/opset.h"
#include "base/mem.h"
#include "value/json.h"

static bool is_declared(const struct policy *policy, const char *call)
{
    const char *colon = strchr(call, ':');
    if (colon == NULL)
        return false;
    char *service = mem_strndup(call, (size_t)(colon - call));
    bool declared = opset_has(policy->writes, service, colon + 1);
    mem_free(service);
    return declared;
}

/* Does the value equal the text, or contain it as a value at any depth? */
static bool holds(const json_t *value, const char *text)
{
    const char *key;
    json_t *item;
    size_t i;
    bool found = json_is_string(value) && strcmp(json_string_value(value), text) == 0;
    json_object_foreach ((json_t *)(uintptr_t)value, key, item)
        found = found || holds(item, text);
    json_array_foreach (value, i, item)
        found = found || holds(item, text);
    return found;
}

/* Where the parameters of the step name the resource, those of the inverse must name it too. */
static bool names_resource(const json_t *step, const json_t *inverse, const char *id)
{
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)(uintptr_t)step, key, value) {
        const json_t *same = json_object_get(inverse, key);
        if (holds(value, id) && !holds(same != NULL ? same : inverse, id))
            return false;
    }
    return true;
}

char *gate_inverse_refusal(const struct policy *policy, const struct resource *resource,
                           const json_t *step)
{
    const json_t *inverse = json_object_get(step, "undo");
    const char *call = json_get_string(inverse, "call", "");
    const char *why = json_get_string(step, "irreversible", NULL);
    if (why != NULL || !json_is_object(inverse))
        return mem_printf("cannot be undone: %s",
                          why != NULL ? why : "the journal has no inverse of a step");
    if (!is_declared(policy, call))
        return mem_printf("the journal's inverse calls %s, which %s does not declare", call,
                          policy->file);
    if (!names_resource(json_object_get(step, "with"), json_object_get(inverse, "with"),
                        resource->id))
        return mem_printf("the journal's inverse, %s, does not name this resource", call);
    return NULL;
}
