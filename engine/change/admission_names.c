/* The names in REPAIR: each is a check, a type or an alias of a type. */
#include "change/admission_names.h"

#include <string.h>

#include "base/mem.h"
#include "change/admission_internal.h"
#include "policy/check_names.h"

static int resolve_name(json_t *list, struct evaluator *evaluator, const char *name, bool some_only,
                        struct err *err)
{
    char *right = NULL;
    if (strcmp(name, "all") == 0 || (some_only && check_names_is_foreign(evaluator, name)))
        right = mem_strdup(name);
    else if (check_names_find(evaluator, name, &right) == NULL)
        return check_names_refuse(evaluator, "--repair (REPAIR)", name, "all", err);
    json_object_set_new_nocheck(list, right, json_true());
    mem_free(right);
    return 0;
}

int admission_resolve(struct admission *admission, struct evaluator *evaluator, bool some_only,
                      struct err *err)
{
    const char *key, *name;
    json_t *list, *value;
    json_t *resolved = json_object();
    int result = 0;
    json_object_foreach (admission->lists, key, list) {
        json_t *names = json_object();
        json_object_set_new(resolved, key, names);
        json_object_foreach (list, name, value)
            result = result != 0 ? result : resolve_name(names, evaluator, name, some_only, err);
    }
    json_decref(admission->lists);
    admission->lists = resolved;
    return result;
}
