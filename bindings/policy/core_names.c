#include "bindings/policy/core_names.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "aws/client/redact.h"
#include "aws/model/model_open.h"
#include "aws/operations/opclass.h"
#include "aws/operations/opset.h"
#include "base/region.h"
#include "base/suggest.h"
#include "bindings/vm/box.h"
#include "bindings/vm/host.h"
#include "bindings/vm/policy_file.h"
#include "bindings/vm/state.h"

static bool split(const char *name, char service[64], const char **operation)
{
    const char *colon = strchr(name, ':');
    if (colon == NULL || colon == name || colon[1] == '\0' || (size_t)(colon - name) >= 64)
        return false;
    snprintf(service, 64, "%.*s", (int)(colon - name), name);
    *operation = colon + 1;
    return true;
}

/* writes("sqs:SetQueueAttributes"): may a step call it? */
static int core_writes(lua_State *L)
{
    char service[64];
    const char *operation;
    const struct policy_file *file = state_of(L)->file;
    bool good = lua_type(L, 1) == LUA_TSTRING && split(lua_tostring(L, 1), service, &operation) &&
                opset_has(file->writes, service, operation);
    lua_pushboolean(L, good);
    return 1;
}

/* class("sqs:ListQueues"): "read", "write", "forbidden" or "unreviewed", and whether the name is
 * that of a read; nil if it is not service:Operation. */
static int core_class(lua_State *L)
{
    char service[64];
    const char *operation;
    if (!split(luaL_checkstring(L, 1), service, &operation))
        return 0;
    lua_pushstring(L, opclass_name(opclass_of(service, operation)));
    lua_pushboolean(L, opclass_named_as_read(operation));
    return 2;
}

/* known("sqs:ListQueues"): true, or nil and what is wrong. True if no models were given. */
static int core_known(lua_State *L)
{
    char service[64];
    const char *operation;
    struct err err = {0};
    model_operation found;
    struct model_set *models = host_limits(state_of(L)->host)->models;
    if (models != NULL && split(luaL_checkstring(L, 1), service, &operation)) {
        const struct model *model = model_open(models, service, &err);
        if (model == NULL || model_find_operation(model, operation, &found, &err) != 0) {
            luaL_pushfail(L);
            lua_pushstring(L, err.message);
            return 2;
        }
    }
    lua_pushboolean(L, 1);
    return 1;
}

/* redacts("ec2:DescribeInstanceAttribute", "UserData.Value"): is the member redacted? nil if the
 * result has no such member. */
static int core_redacts(lua_State *L)
{
    char service[64];
    const char *operation;
    struct err err = {0};
    model_operation found;
    struct model_set *models = host_limits(state_of(L)->host)->models;
    const char *path = luaL_checkstring(L, 2);
    int redacts = 1;
    if (models != NULL && split(luaL_checkstring(L, 1), service, &operation)) {
        const struct model *model = model_open(models, service, &err);
        if (model != NULL && model_find_operation(model, operation, &found, &err) == 0)
            redacts = redact_affects(model, found, path);
    }
    if (redacts < 0)
        return 0;
    lua_pushboolean(L, redacts);
    return 1;
}

/* redacted(box): does it contain the marker of a redacted secret? */
static int core_redacted(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TUSERDATA);
    lua_pushboolean(L, redact_found(box_value(L, 1)));
    return 1;
}

/* is_region(value): is it the name of a region, as "us-east-1"? */
static int core_is_region(lua_State *L)
{
    lua_pushboolean(L, lua_type(L, 1) == LUA_TSTRING && region_is_name(lua_tostring(L, 1)));
    return 1;
}

/* suggest(wrong, {name, …}): ", did you mean …?" or "", and by how many letters it differs, or
 * nothing. */
static int core_suggest(lua_State *L)
{
    struct suggest suggest;
    char text[SUGGEST_TEXT];
    luaL_checktype(L, 2, LUA_TTABLE);
    suggest_init(&suggest, luaL_checkstring(L, 1));
    lua_pushnil(L);
    while (lua_next(L, 2)) {
        suggest_offer(&suggest, lua_tostring(L, -1));
        lua_pop(L, 1);
    }
    suggest_text(&suggest, text);
    lua_pushstring(L, text);
    if (suggest.best == NULL)
        return 1;
    lua_pushinteger(L, (lua_Integer)suggest.distance);
    return 2;
}

static const luaL_Reg functions[] = {
    {"writes", core_writes},     {"class", core_class},
    {"known", core_known},       {"redacts", core_redacts},
    {"redacted", core_redacted}, {"is_region", core_is_region},
    {"suggest", core_suggest},   {NULL, NULL},
};

void core_names_open(lua_State *L)
{
    luaL_setfuncs(L, functions, 0);
}
