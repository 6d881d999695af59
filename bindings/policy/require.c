#include "bindings/policy/require.h"

#include <errno.h>
#include <lauxlib.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "bindings/policy/environment.h"
#include "bindings/vm/chunks.h"
#include "bindings/vm/convert_push.h"
#include "bindings/vm/host.h"
#include "bindings/vm/policy_file.h"
#include "bindings/vm/state.h"
#include "bindings/vm/view.h"

#define MAX_FILE (1u << 20)

static void refuse_file(const char *path, struct err *err)
{
    if (errno == EFBIG)
        err_set(err, ERR_LIMIT, "%s: larger than %u bytes", path, MAX_FILE);
    else
        err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
}

struct source_text *require_file(struct host *host, const char *path, struct err *err)
{
    struct source_text *source = chunks_read(host_chunks(host), path, MAX_FILE);
    if (source == NULL)
        refuse_file(path, err);
    return source;
}

char *require_read(const char *path, size_t *length, struct err *err)
{
    char *text = file_read(path, MAX_FILE, length);
    if (text == NULL)
        refuse_file(path, err);
    return text;
}

/* Converts "lib.a" or "lib.a.b" to "a" or "a/b": only letters, digits and _, so no path leaves
 * lib. */
static bool module_path(const char *name, char out[128])
{
    size_t length = strlen(name);
    size_t good = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.");
    bool fits = strncmp(name, "lib.", 4) == 0 && length > 4 && good == length && length < 100;
    if (!fits || strstr(name, "..") != NULL || name[length - 1] == '.')
        return false;
    snprintf(out, 128, "%s", name + 4);
    for (char *c = out; *c != '\0'; c++) {
        if (*c == '.')
            *c = '/';
    }
    return true;
}

/* The file of a module: beside the policy, or in the first of the host's directories that has it.
 * If none has it, where it was looked for last. mem_free. */
static char *find_module(struct host *host, const struct policy_file *file, const char *module)
{
    const char *next = host_limits(host)->lib_dir;
    char *path = mem_printf("%s/%s.lua", file->lib_dir, module);
    while (next != NULL && !chunks_has_file(host_chunks(host), path)) {
        size_t length = strcspn(next, ":");
        mem_free(path);
        path = mem_printf("%.*s/%s.lua", (int)length, next, module);
        next = next[length] == ':' ? next + length + 1 : NULL;
    }
    return path;
}

static int refuse_name(const char *name, struct err *err)
{
    return err_set(err, ERR_POLICY, "require \"%s\": a policy may only require lib.<name>", name);
}

struct source_text *require_source(struct host *host, const struct policy_file *file,
                                   const char *name, struct err *err)
{
    char module[128];
    if (!module_path(name, module)) {
        refuse_name(name, err);
        return NULL;
    }
    char *path = find_module(host, file, module);
    struct source_text *source = require_file(host, path, err);
    mem_free(path);
    return source;
}

static void check_name(lua_State *L, const char *name)
{
    char module[128];
    struct err err;
    if (module_path(name, module))
        return;
    refuse_name(name, &err);
    luaL_error(L, "%s", err.message);
}

void require_push_text(lua_State *L, const char *name)
{
    struct err err = {0};
    check_name(L, name);
    const struct state *state = state_of(L);
    const struct source_text *source = require_source(state->host, state->file, name, &err);
    if (source != NULL)
        lua_pushlstring(L, source->text, source->length);
    else
        lua_pushnil(L);
}

/* "policies/lib/a/b.lua", as messages show it. */
static void push_shown(lua_State *L, const char *name)
{
    char module[128];
    module_path(name, module);
    lua_pushfstring(L, "policies/lib/%s.lua", module);
}

static void load_module(lua_State *L, const char *name)
{
    struct err err = {0};
    const struct state *state = state_of(L);
    const struct source_text *source = require_source(state->host, state->file, name, &err);
    if (source == NULL)
        luaL_error(L, "%s", err.message);
    push_shown(L, name);
    environment_load(L, source->text, source->length, lua_tostring(L, -1));
    lua_remove(L, -2);
}

static int loaded(lua_State *L, int status, lua_KContext context)
{
    (void)status;
    (void)context;
    if (lua_istable(L, -1))
        view_freeze_kept(L);
    if (lua_isnil(L, -1))
        return luaL_error(L, "module \"%s\" returns nothing", lua_tostring(L, 1));
    state_push(L, STATE_LOADED);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, -3);
    lua_rawset(L, -3);
    lua_pop(L, 1);
    return 1;
}

static int require(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    struct state *state = state_of(L);
    lua_settop(L, 1);
    state_push(L, STATE_LOADED);
    lua_pushvalue(L, 1);
    if (lua_rawget(L, -2) != LUA_TNIL) {
        if (lua_touserdata(L, -1) == state)
            return luaL_error(L, "module \"%s\" requires itself", name);
        return 1;
    }
    lua_pop(L, 1);
    check_name(L, name);
    if (state->loader == NULL)
        return luaL_error(L, "require \"%s\": only allowed while a file is loaded", name);
    load_module(L, name);
    lua_pushvalue(L, 1);
    lua_pushlightuserdata(L, state);
    lua_rawset(L, 2);
    lua_callk(L, 0, 1, 0, loaded);
    return loaded(L, LUA_OK, 0);
}

static int policy(lua_State *L)
{
    struct state *state = state_of(L);
    luaL_checktype(L, 1, LUA_TTABLE);
    if (state->loader == NULL)
        return luaL_error(L, "policy {…} is only allowed at the end of a policy file");
    lua_settop(L, 1);
    lua_pushvalue(L, 1);
    state_store(L, STATE_DECLARED);
    return 1;
}

static const luaL_Reg functions[] = {
    {"require", require},
    {"policy", policy},
    {NULL, NULL},
};

void require_open(lua_State *L)
{
    lua_newtable(L);
    convert_push_none(L);
    lua_setfield(L, -2, "lib.none");
    state_store(L, STATE_LOADED);
    luaL_setfuncs(L, functions, 0);
}
