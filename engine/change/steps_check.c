#include "change/steps_check.h"

#include <string.h>

#include "aws/model/model_open.h"
#include "aws/protocol/proto_validate.h"
#include "base/mem.h"
#include "value/json.h"

static int find_call(struct model_set *models, const char *name, const struct model **model,
                     model_operation *operation, struct err *err)
{
    const char *colon = strchr(name, ':');
    if (colon == NULL)
        return err_set(err, ERR_PARAM, "\"%s\" is not a call: write service:Operation", name);
    char *service = mem_strndup(name, (size_t)(colon - name));
    *model = model_open(models, service, err);
    mem_free(service);
    return *model != NULL ? model_find_operation(*model, colon + 1, operation, err) : -1;
}

/* call: {"call","with"}. Errors other than parameter errors are reported as errors of the step,
 * too. */
static int check_call(struct model_set *models, const json_t *call, struct err *err)
{
    const struct model *model = NULL;
    model_operation operation = 0;
    const char *name = json_get_string(call, "call", "");
    if (find_call(models, name, &model, &operation, err) == 0 &&
        proto_validate_change(model, operation, json_object_get(call, "with"), err) == 0)
        return 0;
    err->kind = ERR_PARAM;
    return err_prefix(err, "%s", name);
}

int steps_check(struct model_set *models, const char *check, const json_t *steps, struct err *err)
{
    size_t i;
    json_t *step;
    json_array_foreach (steps, i, step) {
        const json_t *undo = json_object_get(step, "undo");
        if (check_call(models, step, err) != 0)
            return err_prefix(err, "%s: steps[%zu].with", check, i + 1);
        if (undo != NULL && check_call(models, undo, err) != 0)
            return err_prefix(err, "%s: steps[%zu].undo.with", check, i + 1);
    }
    return 0;
}
