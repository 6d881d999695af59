#include "bindings/libs/shaped.h"

#include <lauxlib.h>

#include "aws/model/model_field.h"
#include "aws/model/model_shape.h"
#include "base/suggest.h"
#include "bindings/vm/budget.h"
#include "bindings/vm/convert_push.h"
#include "bindings/vm/state.h"
#include "bindings/vm/taint.h"
#include "bindings/vm/view.h"

/* ---- the metatable of a structure: one for each shape and state ---- */

static void suggest_member(const struct model *model, const struct model_shape_info *info,
                           model_shape shape, const char *wrong, char hint[SUGGEST_TEXT])
{
    struct suggest suggest;
    suggest_init(&suggest, wrong);
    for (size_t i = 0; i < info->member_count; i++) {
        struct model_member member;
        model_member_at(model, shape, i, &member);
        suggest_offer(&suggest, member.name);
    }
    suggest_text(&suggest, hint);
}

/* Called for a member that the table does not have. Upvalues: the model, the shape. */
static int no_member(lua_State *L)
{
    struct model_member member;
    struct model_shape_info info;
    char hint[SUGGEST_TEXT];
    const struct model *model = lua_touserdata(L, lua_upvalueindex(1));
    model_shape shape = (model_shape)lua_tointeger(L, lua_upvalueindex(2));
    const char *service = model_info(model)->name;
    if (lua_type(L, 2) == LUA_TSTRING &&
        model_member_find(model, shape, lua_tostring(L, 2), &member)) {
        lua_pushnil(L);
        return 1;
    }
    model_shape_info(model, shape, &info);
    if (lua_type(L, 2) != LUA_TSTRING)
        return taint_refuse(L, "%s: %s is a structure, not a list: it has no [%s]", service,
                            info.name, luaL_tolstring(L, 2, NULL));
    suggest_member(model, &info, shape, lua_tostring(L, 2), hint);
    return taint_refuse(L, "%s: %s has no member \"%s\"%s", service, info.name, lua_tostring(L, 2),
                        hint);
}

/* The result of an operation without output is an empty table. */
static int no_output(lua_State *L)
{
    const struct model *model = lua_touserdata(L, lua_upvalueindex(1));
    return taint_refuse(L, "%s: the response of this operation has no members, so it has no \"%s\"",
                        model_info(model)->name, luaL_tolstring(L, 2, NULL));
}

static void push_metatable(lua_State *L, const struct model *model, model_shape shape)
{
    lua_createtable(L, 0, 1);
    lua_pushlightuserdata(L, (void *)(uintptr_t)model);
    lua_pushinteger(L, shape);
    lua_pushcclosure(L, shape == MODEL_NO_SHAPE ? no_output : no_member, 2);
    lua_setfield(L, -2, "__index");
}

/* Sets the metatable of the table on top. `shapes` is the table of the model's metatables. */
static void set_metatable(lua_State *L, int shapes, const struct model *model, model_shape shape)
{
    if (lua_rawgeti(L, shapes, (lua_Integer)shape) == LUA_TNIL) {
        lua_pop(L, 1);
        push_metatable(L, model, shape);
        lua_pushvalue(L, -1);
        lua_rawseti(L, shapes, (lua_Integer)shape);
    }
    lua_setmetatable(L, -2);
}

static int push_shapes(lua_State *L, const struct model *model)
{
    state_push(L, STATE_SHAPES);
    if (lua_rawgetp(L, -1, model) == LUA_TNIL) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_rawsetp(L, -3, model);
    }
    lua_remove(L, -2);
    return lua_gettop(L);
}

/* ---- values ---- */

struct pusher {
    lua_State *L;
    const struct model *model;
    int shapes;
};

static void push(const struct pusher *pusher, const json_t *value, model_shape shape,
                 const struct model_shape_info *info);

static bool is_container(const json_t *value)
{
    return json_is_object(value) || json_is_array(value);
}

static void push_list(const struct pusher *pusher, const json_t *list, model_shape element)
{
    struct model_shape_info info;
    size_t count = json_array_size(list);
    budget_charge(pusher->L, CONVERT_STEPS * count);
    lua_createtable(pusher->L, (int)count, 0);
    model_shape_info(pusher->model, element, &info);
    for (size_t i = 0; i < count; i++) {
        push(pusher, json_array_get(list, i), element, &info);
        lua_rawseti(pusher->L, -2, (lua_Integer)i + 1);
    }
    convert_mark_list(pusher->L, -1);
}

static void push_map(const struct pusher *pusher, const json_t *map, model_shape element)
{
    lua_State *L = pusher->L;
    struct model_shape_info info;
    json_t *items = (json_t *)(uintptr_t)map; /* jansson's iterators need this */
    budget_charge(L, CONVERT_STEPS * json_object_size(map));
    lua_createtable(L, 0, (int)json_object_size(map));
    model_shape_info(pusher->model, element, &info);
    for (void *i = json_object_iter(items); i != NULL; i = json_object_iter_next(items, i)) {
        const json_t *value = json_object_iter_value(i);
        if (json_is_null(value))
            continue;
        lua_pushlstring(L, json_object_iter_key(i), json_object_iter_key_len(i));
        push(pusher, value, element, &info);
        lua_rawset(L, -3);
    }
}

/* Only a member that has members of its own needs its shape. */
static void push_member(const struct pusher *pusher, model_shape structure, const char *name,
                        const json_t *value)
{
    const struct model_field *field =
        is_container(value) ? model_field_find(pusher->model, structure, name) : NULL;
    if (field != NULL && !field->member.jsonvalue)
        push(pusher, value, field->member.shape, &field->shape);
    else
        convert_push(pusher->L, value, CONVERT_REPLY);
}

static void push_structure(const struct pusher *pusher, const json_t *object, model_shape structure)
{
    lua_State *L = pusher->L;
    json_t *members = (json_t *)(uintptr_t)object;
    budget_charge(L, CONVERT_STEPS * json_object_size(object));
    lua_createtable(L, 0, (int)json_object_size(object));
    for (void *i = json_object_iter(members); i != NULL; i = json_object_iter_next(members, i)) {
        const json_t *value = json_object_iter_value(i);
        if (json_is_null(value))
            continue;
        lua_pushlstring(L, json_object_iter_key(i), json_object_iter_key_len(i));
        push_member(pusher, structure, json_object_iter_key(i), value);
        lua_rawset(L, -3);
    }
    set_metatable(L, pusher->shapes, pusher->model, structure);
}

static void push(const struct pusher *pusher, const json_t *value, model_shape shape,
                 const struct model_shape_info *info)
{
    if (!is_container(value) || shape == MODEL_NO_SHAPE) {
        convert_push(pusher->L, value, CONVERT_REPLY);
        return;
    }
    luaL_checkstack(pusher->L, 8, "value is nested too deeply");
    if (info->type == MODEL_LIST && json_is_array(value))
        push_list(pusher, value, info->element);
    else if (info->type == MODEL_MAP && json_is_object(value))
        push_map(pusher, value, info->element);
    else if (info->type == MODEL_STRUCTURE && !info->document && json_is_object(value))
        push_structure(pusher, value, shape);
    else
        convert_push(pusher->L, value, CONVERT_REPLY);
}

bool shaped_find(lua_State *L, int index, const struct model **model, model_shape *shape)
{
    int top = lua_gettop(L);
    if (!view_real(L, index))
        lua_pushvalue(L, index);
    bool found =
        luaL_getmetafield(L, -1, "__index") != LUA_TNIL && lua_tocfunction(L, -1) == no_member;
    if (found && lua_getupvalue(L, -1, 1) != NULL && lua_getupvalue(L, -2, 2) != NULL) {
        *model = lua_touserdata(L, -2);
        *shape = (model_shape)lua_tointeger(L, -1);
    }
    lua_settop(L, top);
    return found;
}

void shaped_push_as(lua_State *L, const json_t *value, const struct model *model, model_shape shape)
{
    struct pusher pusher = {.L = L, .model = model};
    struct model_shape_info info;
    luaL_checkstack(L, 8, "no room for a value");
    pusher.shapes = push_shapes(L, model);
    model_shape_info(model, shape, &info);
    push(&pusher, value, shape, &info);
    lua_remove(L, pusher.shapes);
}

void shaped_push(lua_State *L, const json_t *reply, const struct shaped *shaped)
{
    struct model_operation_info info;
    if (shaped->model == NULL) {
        convert_push(L, reply, CONVERT_REPLY);
        return;
    }
    model_operation_info(shaped->model, shaped->operation, &info);
    shaped_push_as(L, reply, shaped->model, info.output);
    if (info.output != MODEL_NO_SHAPE || !lua_istable(L, -1))
        return;
    int shapes = push_shapes(L, shaped->model);
    lua_pushvalue(L, -2);
    set_metatable(L, shapes, shaped->model, MODEL_NO_SHAPE);
    lua_pop(L, 2);
}

void shaped_open(lua_State *L)
{
    lua_newtable(L);
    state_store(L, STATE_SHAPES);
}
