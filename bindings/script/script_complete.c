#include "bindings/script/script_complete.h"

#include <lauxlib.h>

#include "aws/model/model.h"
#include "aws/model/model_open.h"
#include "aws/model/model_shape.h"
#include "bindings/libs/aws_call.h"
#include "script_complete_lua.h"

static struct model_set *models_of(lua_State *L)
{
    return lua_touserdata(L, lua_upvalueindex(1));
}

/* A name of a service as a name of Lua: botocore's have hyphens. */
static int names_services(lua_State *L)
{
    size_t count;
    const char *const *services = model_services(models_of(L), &count);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        luaL_gsub(L, services[i], "-", "_");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int names_operations(lua_State *L)
{
    struct err err = {0};
    const struct model *model = model_open(models_of(L), luaL_checkstring(L, 1), &err);
    lua_newtable(L);
    for (size_t i = 0; model != NULL && i < model_operation_count(model); i++) {
        struct model_operation_info info;
        model_operation_info(model, model_operation_at(model, i), &info);
        lua_pushstring(L, info.name);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static void push_members(lua_State *L, const struct model *model, model_operation operation)
{
    struct model_operation_info info;
    struct model_shape_info input = {0};
    model_operation_info(model, operation, &info);
    if (info.input != MODEL_NO_SHAPE)
        model_shape_info(model, info.input, &input);
    for (size_t i = 0; i < input.member_count; i++) {
        struct model_member member;
        model_member_at(model, info.input, i, &member);
        lua_pushstring(L, member.name);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static int names_members(lua_State *L)
{
    struct err err = {0};
    model_operation operation;
    const struct model *model = model_open(models_of(L), luaL_checkstring(L, 1), &err);
    const char *name = luaL_checkstring(L, 2);
    lua_newtable(L);
    if (model != NULL && model_find_operation(model, name, &operation, &err) == 0)
        push_members(L, model, operation);
    return 1;
}

/* "aws"; "service" and its name; "table" and "text" with the value itself; otherwise nothing. */
static int names_kind(lua_State *L)
{
    lua_settop(L, 1);
    if (aws_call_is(L, 1, STATE_SERVICE)) {
        lua_pushliteral(L, "service");
        lua_pushstring(L, aws_call_service(L, 1)->name);
        return 2;
    }
    const char *kind = aws_call_is(L, 1, STATE_AWS)    ? "aws"
                       : lua_istable(L, 1)             ? "table"
                       : lua_type(L, 1) == LUA_TSTRING ? "text"
                                                       : NULL;
    if (kind == NULL)
        return 0;
    lua_pushstring(L, kind);
    lua_insert(L, 1);
    return 2;
}

static const luaL_Reg names[] = {
    {"services", names_services},
    {"operations", names_operations},
    {"members", names_members},
    {"kind", names_kind},
    {NULL, NULL},
};

void script_complete_open(lua_State *L, struct model_set *models)
{
    if (luaL_loadbufferx(L, (const char *)script_complete_lua, script_complete_lua_len,
                         "=script_complete", "t") != LUA_OK)
        lua_error(L);
    luaL_newlibtable(L, names);
    lua_pushlightuserdata(L, models);
    luaL_setfuncs(L, names, 1);
    lua_call(L, 1, 1);
}

/* Arguments: the list as a light userdata, the length of what is typed of the word, the words. */
static int take_words(lua_State *L)
{
    struct text_list *words = lua_touserdata(L, 1);
    for (lua_Integer i = 1; lua_rawgeti(L, 3, i) == LUA_TSTRING; i++) {
        text_list_add(words, lua_tostring(L, -1));
        lua_pop(L, 1);
    }
    return 0;
}

size_t script_complete(lua_State *L, int index, const char *text, size_t length,
                       struct text_list *words)
{
    int top = lua_gettop(L);
    size_t typed = 0;
    lua_pushcfunction(L, take_words);
    lua_pushlightuserdata(L, words);
    lua_pushvalue(L, index);
    lua_pushlstring(L, text, length);
    if (lua_pcall(L, 1, 2, 0) == LUA_OK) {
        typed = (size_t)lua_tointeger(L, -2);
        lua_pcall(L, 3, 0, 0);
    }
    lua_settop(L, top);
    return length - (typed <= length ? typed : length);
}
