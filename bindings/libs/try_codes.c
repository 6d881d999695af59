#include "bindings/libs/try_codes.h"

#include <lauxlib.h>
#include <string.h>

#include "aws/operations/refusal.h"
#include "bindings/vm/policy_file.h"
#include "bindings/vm/state.h"
#include "bindings/vm/taint.h"

/* The index of the error's code or alias; 0: not listed. */
static int listed_at(lua_State *L, int first, const struct err *err)
{
    for (int i = first; i <= lua_gettop(L) && err->kind == ERR_API; i++) {
        const char *code = lua_tostring(L, i);
        if (strcmp(code, err->code) == 0 || strcmp(code, err->alias) == 0)
            return i;
    }
    return 0;
}

/* Whatever its code, a refusal only means "there is none" if the policy declares it. */
bool try_lists(lua_State *L, int first, const char *service, const struct err *err)
{
    int at = listed_at(L, first, err);
    const struct policy_file *file = state_of(L)->file;
    if (at == 0)
        return false;
    if (file != NULL && refusal_is(err)) {
        if (!policy_file_tolerates(file, service, lua_tostring(L, 2), lua_tostring(L, at)))
            return false;
        taint_tolerate(L, err);
    }
    lua_pushnil(L);
    lua_pushvalue(L, at);
    return true;
}

/* Codes already checked are in the table that is an upvalue of `try`. */
static bool is_known(lua_State *L, int index)
{
    lua_pushvalue(L, index);
    bool known = lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL;
    lua_pop(L, 1);
    return known;
}

static void make_known(lua_State *L, int index)
{
    lua_pushvalue(L, index);
    lua_pushboolean(L, true);
    lua_rawset(L, lua_upvalueindex(1));
}

/* A code that says nothing about the resource must be declared, so that it is not taken for "there
 * is none" by mistake. */
static void check_code(lua_State *L, const char *service, const char *operation, const char *code)
{
    const struct policy_file *file = state_of(L)->file;
    if (file == NULL || policy_file_tolerates(file, service, operation, code))
        return;
    taint_refuse(L,
                 "try: %s says nothing about the resource, so it cannot mean that there is none; "
                 "declare tolerates[\"%s:%s\"] if it may be ignored",
                 code, service, operation);
}

void try_check(lua_State *L, int first, const char *service, const char *operation)
{
    for (int i = first; i <= lua_gettop(L); i++) {
        luaL_checktype(L, i, LUA_TSTRING);
        if (is_known(L, i))
            continue;
        if (refusal_code(lua_tostring(L, i)))
            check_code(L, service, operation, lua_tostring(L, i));
        else
            make_known(L, i);
    }
}
