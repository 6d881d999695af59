#include "aws/operations/opset.h"

#include <jansson.h>
#include <string.h>

#include "base/mem.h"

/* A jansson object is a hash table of strings, which is all that a set needs. The value is the text
 * of the actions, or "" if none was given. */
struct opset {
    json_t *names;
};

struct opset *opset_new(void)
{
    struct opset *set = mem_alloc(sizeof *set);
    set->names = json_object();
    return set;
}

/* Writes "service:Operation" to a fixed buffer. A name that is too long is in no set. */
static bool join(char *out, size_t size, const char *service, const char *operation)
{
    size_t head = strlen(service);
    size_t tail = strlen(operation);
    if (head + 1 + tail + 1 > size)
        return false;
    for (size_t i = 0; i < head; i++)
        out[i] = service[i] == '_' ? '-' : service[i];
    out[head] = ':';
    memcpy(out + head + 1, operation, tail + 1);
    return true;
}

void opset_add(struct opset *set, const char *service, const char *operation)
{
    opset_add_action(set, service, operation, "");
}

void opset_add_action(struct opset *set, const char *service, const char *operation,
                      const char *action)
{
    char name[256];
    if (!join(name, sizeof name, service, operation))
        return;
    const char *known = json_string_value(json_object_get(set->names, name));
    const char *between = known != NULL && known[0] != '\0' && action[0] != '\0' ? " and " : "";
    char *all = mem_printf("%s%s%s", known != NULL ? known : "", between, action);
    json_object_set_new_nocheck(set->names, name, json_string_nocheck(all));
    mem_free(all);
}

const char *opset_action(const struct opset *set, const char *service, const char *operation)
{
    char name[256];
    if (set == NULL || !join(name, sizeof name, service, operation))
        return NULL;
    const char *action = json_string_value(json_object_get(set->names, name));
    return action != NULL && action[0] != '\0' ? action : NULL;
}

bool opset_has(const struct opset *set, const char *service, const char *operation)
{
    char name[256];
    return set != NULL && join(name, sizeof name, service, operation) &&
           json_object_get(set->names, name) != NULL;
}

bool opset_has_service(const struct opset *set, const char *service)
{
    char start[256];
    const char *name;
    json_t *actions;
    if (!join(start, sizeof start, service, ""))
        return false;
    json_object_foreach (set->names, name, actions) {
        if (strncmp(name, start, strlen(start)) == 0)
            return true;
    }
    return false;
}

size_t opset_count(const struct opset *set)
{
    return json_object_size(set->names);
}

void opset_free(struct opset *set)
{
    if (set == NULL)
        return;
    json_decref(set->names);
    mem_free(set);
}
