#include "bindings/policy/data_file.h"

#include <lauxlib.h>
#include <string.h>

#include "base/mem.h"
#include "bindings/policy/require.h"
#include "bindings/vm/convert_push.h"
#include "bindings/vm/convert_take.h"
#include "bindings/vm/state.h"

#define MEMORY_MAX (16u << 20)
#define INSTRUCTIONS_MAX 2000000 /* a constructor of 1 MiB needs a tenth of this */

struct data_file {
    const char *path;
    char *text;
    size_t length;
    json_t *value;
    struct err err;
};

static void stop(lua_State *L, lua_Debug *where)
{
    lua_getinfo(L, "Sl", where);
    luaL_error(L, "%s:%d: the data file runs too long: it may only return data", where->short_src,
               where->currentline);
}

static int refuse_name(lua_State *L)
{
    return luaL_error(L, "there is no global \"%s\": a data file has only local variables",
                      luaL_tolstring(L, 2, NULL));
}

/* The globals of the chunk below: there are none, and none can be created. */
static void push_environment(lua_State *L)
{
    lua_newtable(L);
    lua_createtable(L, 0, 2);
    lua_pushcfunction(L, refuse_name);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, refuse_name);
    lua_setfield(L, -2, "__newindex");
    lua_setmetatable(L, -2);
}

static int run(lua_State *L)
{
    struct data_file *file = lua_touserdata(L, 1);
    lua_settop(L, 0);
    convert_open(L);
    lua_pushfstring(L, "@%s", file->path);
    if (luaL_loadbufferx(L, file->text, file->length, lua_tostring(L, -1), "t") != LUA_OK)
        return lua_error(L);
    push_environment(L);
    lua_setupvalue(L, -2, 1);
    lua_sethook(L, stop, LUA_MASKCOUNT, INSTRUCTIONS_MAX);
    lua_call(L, 0, LUA_MULTRET);
    lua_sethook(L, NULL, 0, 0);
    if (lua_gettop(L) != 2 || !lua_istable(L, 2))
        return luaL_error(L, "%s: must end in: return { … }", file->path);
    file->value = convert_take(L, 2, CONVERT_STRICT, "what it returns:", &file->err);
    return 0;
}

/* Lua shortens long paths at the beginning. */
static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static void run_file(struct state *state, struct data_file *file, struct err *err)
{
    int result = state_protect(state, err, run, file);
    if (result == 0 && file->value != NULL)
        return;
    if (result != 0 && err->kind == ERR_LIMIT)
        err_set(err, ERR_LIMIT, "needs more memory than a data file may use");
    if (result == 0)
        *err = file->err;
    if (strstr(err->message, last_part(file->path)) == NULL)
        err_prefix(err, "%s", file->path);
}

json_t *data_file_read(struct host *host, const char *path, struct err *err)
{
    struct err why = {0};
    struct data_file file = {.path = path};
    file.text = require_read(path, &file.length, err);
    if (file.text == NULL)
        return NULL;
    struct state *state = state_new(host, MEMORY_MAX);
    if (state != NULL)
        run_file(state, &file, &why);
    else
        err_set(&why, ERR_LIMIT, "%s: not enough memory for a Lua state", path);
    state_free(state);
    mem_free(file.text);
    if (file.value == NULL && err != NULL)
        *err = why;
    return file.value;
}
