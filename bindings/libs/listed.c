#include "bindings/libs/listed.h"

#include <lauxlib.h>
#include <stdint.h>

#include "aws/client/client.h"
#include "aws/model/model_open.h"
#include "bindings/libs/shaped.h"
#include "bindings/vm/convert_push.h"
#include "bindings/vm/convert_take.h"
#include "bindings/vm/errors.h"
#include "bindings/vm/job.h"
#include "bindings/vm/view.h"
#include "value/json.h"

json_t *listed_take(lua_State *L, int index)
{
    struct err err = {0};
    const struct model *model = NULL;
    model_shape shape = MODEL_NO_SHAPE;
    luaL_checktype(L, index, LUA_TTABLE);
    bool shaped = shaped_find(L, index, &model, &shape);
    json_t *value = convert_take(L, index, CONVERT_STRICT, "listed", &err);
    if (value == NULL)
        errors_raise(L, &err);
    if (!shaped)
        return json_pack("{s:o}", "value", value);
    return json_pack("{s:o, s:s, s:I}", "value", value, "service", model_info(model)->name, "shape",
                     (json_int_t)shape);
}

int listed_push(lua_State *L, const struct evaluation *job)
{
    struct err err = {0};
    const json_t *listed = job->options.listed;
    const json_t *value = json_object_get(listed, "value");
    const char *service = json_get_string(listed, "service", NULL);
    model_shape shape = (model_shape)json_get_integer(listed, "shape", 0);
    const struct model *model =
        service != NULL ? model_open(client_models(job->scope->client), service, &err) : NULL;
    if (model != NULL)
        shaped_push_as(L, value, model, shape);
    else
        convert_push(L, value, CONVERT_REPLY);
    view_wrap(L);
    return 1;
}
