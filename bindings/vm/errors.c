#include "bindings/vm/errors.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "aws/retry/retry.h"
#include "bindings/vm/state.h"
#include "bindings/vm/view.h"

static void set_text(lua_State *L, const char *name, const char *text)
{
    if (text[0] == '\0')
        return;
    lua_pushstring(L, text);
    lua_setfield(L, -2, name);
}

void errors_push(lua_State *L, const struct err *err)
{
    lua_createtable(L, 0, 6);
    set_text(L, "kind", err_kind_name(err->kind));
    set_text(L, "code", err->code);
    set_text(L, "message", err->message);
    set_text(L, "request_id", err->request_id);
    set_text(L, "operation", err->operation);
    if (err->status != 0) {
        lua_pushinteger(L, err->status);
        lua_setfield(L, -2, "status");
    }
    state_push(L, STATE_ERROR);
    lua_setmetatable(L, -2);
}

int errors_raise(lua_State *L, const struct err *err)
{
    errors_push(L, err);
    return lua_error(L);
}

static void get_text(lua_State *L, int index, const char *name, char *out, size_t size)
{
    lua_pushstring(L, name);
    if (lua_rawget(L, index) == LUA_TSTRING)
        snprintf(out, size, "%s", lua_tostring(L, -1));
    lua_pop(L, 1);
}

static enum err_kind kind_of(const char *name)
{
    for (int kind = ERR_INTERNAL; kind <= ERR_CANCELLED; kind++) {
        if (strcmp(err_kind_name((enum err_kind)kind), name) == 0)
            return (enum err_kind)kind;
    }
    return ERR_POLICY;
}

static void read_table(lua_State *L, int index, struct err *err)
{
    char kind[32] = "";
    int top = lua_gettop(L);
    if (view_real(L, index))
        index = lua_gettop(L);
    get_text(L, index, "kind", kind, sizeof kind);
    get_text(L, index, "code", err->code, sizeof err->code);
    get_text(L, index, "message", err->message, sizeof err->message);
    get_text(L, index, "request_id", err->request_id, sizeof err->request_id);
    get_text(L, index, "operation", err->operation, sizeof err->operation);
    err->kind = kind_of(kind);
    lua_pushliteral(L, "status");
    if (lua_rawget(L, index) == LUA_TNUMBER)
        err->status = (int)lua_tointeger(L, -1);
    lua_settop(L, top);
    if (err->message[0] == '\0')
        err_set(err, err->kind, "raised an error without a message");
}

void errors_no_memory(const struct state *state, struct err *err)
{
    err_set(err, ERR_LIMIT, "%s%snot enough memory: the policy needs more than it may use",
            state->no_memory_at, state->no_memory_at[0] != '\0' ? ": " : "");
}

void errors_read(lua_State *L, int index, struct err *err)
{
    index = lua_absindex(L, index);
    memset(err, 0, sizeof *err);
    if (lua_type(L, index) == LUA_TTABLE) {
        read_table(L, index, err);
        return;
    }
    const char *text = lua_type(L, index) == LUA_TSTRING ? lua_tostring(L, index) : NULL;
    if (text == NULL)
        err_set(err, ERR_POLICY, "raised a %s instead of a message", luaL_typename(L, index));
    else if (strcmp(text, "not enough memory") == 0)
        errors_no_memory(state_of(L), err);
    else
        err_set(err, ERR_POLICY, "%s", text);
}

static void add(json_t *object, const char *name, const char *text)
{
    if (text[0] != '\0')
        json_object_set_new_nocheck(object, name, json_stringn_nocheck(text, strlen(text)));
}

json_t *errors_json(const struct err *err)
{
    json_t *object = json_object();
    add(object, "kind", err_kind_name(err->kind));
    add(object, "code", err->code);
    add(object, "message", err->message);
    add(object, "operation", err->operation);
    add(object, "request_id", err->request_id);
    if (retry_is_transient(err))
        json_object_set_new(object, "transient", json_true());
    return object;
}

static int error_text(lua_State *L)
{
    struct err err;
    errors_read(L, 1, &err);
    lua_pushfstring(L, "%s%s%s", err.code, err.code[0] != '\0' ? ": " : "", err.message);
    return 1;
}

static const luaL_Reg metamethods[] = {{"__tostring", error_text}, {NULL, NULL}};

void errors_open(lua_State *L)
{
    luaL_newlib(L, metamethods);
    state_store(L, STATE_ERROR);
}
