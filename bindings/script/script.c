#include "bindings/script/script.h"

#include <libgen.h>
#include <lualib.h>
#include <stdio.h>
#include <string.h>

#include "aws/creds/creds_sts.h"
#include "aws/endpoint/endpoint_partition.h"
#include "base/mem.h"
#include "bindings/libs/openers.h"
#include "bindings/script/script_interrupt.h"
#include "bindings/script/script_prompt.h"
#include "bindings/script/script_search.h"
#include "bindings/vm/errors.h"
#include "bindings/vm/host.h"
#include "bindings/vm/job.h"
#include "script_lua.h"

#define SESSION_NAME "engine-script"

/* A role that was assumed in another account. */
struct account {
    struct account *next;
    char id[16];
    struct creds_provider *provider;
    struct session session;
};

struct script {
    const struct script_parts *parts;
    struct account *accounts;
    struct scope scope;
    struct task task;
    const char *file; /* NULL: the prompt */
    int argc;
    char **argv;
    int status;
    bool unreadable; /* there is no such file */
};

/* ---- sessions ---- */

static struct account *assume(struct script *script, const char *id)
{
    const struct script_parts *parts = script->parts;
    const char *region = parts->region != NULL ? parts->region : "";
    struct account *account = mem_alloc(sizeof *account);
    char *role = mem_printf("arn:%s:iam::%s:role/%s",
                            endpoint_partition(client_endpoints(parts->client), region), id,
                            parts->member_role);
    const struct creds_assume options = {.role_arn = role, .external_id = parts->external_id};
    snprintf(account->id, sizeof account->id, "%s", id);
    account->provider = creds_assume_role(parts->creds_env, parts->provider, &options);
    account->session = *parts->operator_session;
    account->session.account = account->id;
    account->session.provider = account->provider;
    account->next = script->accounts;
    script->accounts = account;
    mem_free(role);
    return account;
}

static const struct session *session_in(void *arg, const char *id, struct err *err)
{
    struct script *script = arg;
    if (script->parts->member_role == NULL) {
        err_set(err, ERR_USAGE, "no role may be assumed in account %s", id);
        return NULL;
    }
    for (struct account *account = script->accounts; account != NULL; account = account->next) {
        if (strcmp(account->id, id) == 0)
            return &account->session;
    }
    return &assume(script, id)->session;
}

static void drop_accounts(struct script *script)
{
    while (script->accounts != NULL) {
        struct account *account = script->accounts;
        script->accounts = account->next;
        creds_provider_drop(account->provider);
        mem_free(account);
    }
}

/* ---- globals ---- */

static void set_arguments(lua_State *L, const struct script *script)
{
    lua_createtable(L, script->argc, 1);
    for (int i = 0; i < script->argc; i++) {
        lua_pushstring(L, script->argv[i]);
        lua_rawseti(L, -2, i);
    }
    lua_setglobal(L, "arg");
}

static void prepend_path(lua_State *L, const char *path, size_t length)
{
    char *copy = mem_strndup(path, length);
    lua_getglobal(L, "package");
    lua_getfield(L, -1, "path");
    lua_pushfstring(L, "%s/?.lua;%s", dirname(copy), lua_tostring(L, -1));
    lua_setfield(L, -3, "path");
    lua_pop(L, 2);
    mem_free(copy);
}

/* Modules in the script's folder, and the policies' modules as lib.*. */
static void set_paths(lua_State *L, const struct script *script)
{
    const char *folders = script->parts->lib_dir;
    size_t end = folders != NULL ? strlen(folders) : 0;
    while (end > 0) { /* from the last, so that the first is searched first */
        size_t start = end;
        while (start > 0 && folders[start - 1] != ':')
            start--;
        prepend_path(L, folders + start, end - start);
        end = start > 0 ? start - 1 : 0;
    }
    if (script->file != NULL)
        prepend_path(L, script->file, strlen(script->file));
}

int luaopen_cjson(lua_State *L);

/* For `require "cjson"`. It is linked in: a static program loads no C libraries. */
static void preload_cjson(lua_State *L)
{
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    lua_pushcfunction(L, luaopen_cjson);
    lua_setfield(L, -2, "cjson");
    lua_pop(L, 1);
}

static void open_bindings(lua_State *L)
{
    openers_types(L);
    openers_libraries(L, OPENERS_SCRIPT, lua_setglobal);
    if (luaL_loadbufferx(L, (const char *)script_lua, script_lua_len, "=script", "t") != LUA_OK)
        lua_error(L);
    lua_call(L, 0, 0);
}

/* ---- running ---- */

/* Missing credentials are no error of the script: where it made the call does not matter. */
static bool is_for_the_caller(lua_State *L)
{
    struct err err;
    errors_read(L, 1, &err);
    return err.kind == ERR_CREDS;
}

static int with_trace(lua_State *L)
{
    lua_Debug frame;
    bool plain = is_for_the_caller(L);
    const char *text = luaL_tolstring(L, 1, NULL);
    if (!plain && lua_getstack(L, 2, &frame)) /* none: the script did not start */
        luaL_traceback(L, L, text, 1);
    return 1;
}

static int run_file(lua_State *L, struct script *script)
{
    int top = lua_gettop(L);
    int loaded = luaL_loadfilex(L, script->file, "t");
    script->unreadable = loaded == LUA_ERRFILE;
    if (loaded != LUA_OK)
        return lua_error(L);
    for (int i = 1; i < script->argc; i++)
        lua_pushstring(L, script->argv[i]);
    lua_call(L, script->argc > 0 ? script->argc - 1 : 0, 1);
    int status = lua_isinteger(L, -1) ? (int)(lua_tointeger(L, -1) & 0xff) : 0;
    lua_settop(L, top);
    return status;
}

static int run_all(lua_State *L)
{
    struct script *script = lua_touserdata(L, 1);
    luaL_openlibs(L);
    preload_cjson(L);
    open_bindings(L);
    set_arguments(L, script);
    set_paths(L, script);
    script_search_open(L, script->parts->lib_dir);
    script->status = script->file != NULL ? run_file(L, script)
                                          : script_prompt(L, client_models(script->parts->client));
    return 0;
}

static void set_up(struct script *script, struct state *state, struct evaluation *job)
{
    const struct script_parts *parts = script->parts;
    script->scope = (struct scope){.client = parts->client,
                                   .session = parts->operator_session,
                                   .account = "",
                                   .region = parts->region};
    script->task = (struct task){.job = job, .co = state->L, .ref = LUA_NOREF};
    *(struct task **)lua_getextraspace(state->L) = &script->task;
    job->unlimited = true;
    job->scope = &script->scope;
    state->session_in = session_in;
    state->session_arg = script;
}

/* Like state_protect, with a traceback that shows the operator where the error is. */
static int protect(struct state *state, struct script *script, struct err *err)
{
    lua_State *L = state->L;
    script_interrupt_open(L);
    lua_pushcfunction(L, with_trace);
    lua_pushcfunction(L, run_all);
    lua_pushlightuserdata(L, script);
    if (script->file != NULL) /* the prompt does so for each statement */
        script_interrupt_begin();
    int status = lua_pcall(L, 1, 0, 1);
    int number = script->file != NULL ? script_interrupt_end() : 0;
    if (status == LUA_OK)
        return 0;
    const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "no message";
    err_set(err,
            number != 0          ? ERR_CANCELLED
            : script->unreadable ? ERR_USAGE
                                 : ERR_POLICY,
            "%s", text);
    err->status = number;
    return -1;
}

int script_run(const struct script_parts *parts, const char *file, int argc, char **argv,
               struct err *err)
{
    struct script script = {.parts = parts, .file = file, .argc = argc, .argv = argv};
    const struct host_options options = {.loop = parts->loop};
    struct host *host = host_new(&options);
    struct state *state = state_new(host, 0);
    struct evaluation *job = job_new(state, JOB_SCRIPT, NULL);
    set_up(&script, state, job);
    int result = protect(state, &script, err);
    json_decref(script.task.result);
    job_free(job);
    state_free(state);
    drop_accounts(&script);
    host_free(host);
    return result == 0 ? script.status : -1;
}
