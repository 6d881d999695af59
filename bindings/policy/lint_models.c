/* lint.lua's queries about the API models, the settings and the sandbox. */
#include "bindings/policy/lint_models.h"

#include <ctype.h>
#include <lauxlib.h>
#include <string.h>

#include "aws/model/model.h"
#include "aws/model/model_open.h"
#include "aws/model/model_shape.h"
#include "aws/operations/refusal.h"
#include "base/suggest.h"
#include "bindings/policy/require.h"
#include "bindings/vm/host.h"
#include "bindings/vm/policy_file.h"
#include "bindings/vm/state.h"
#include "bindings/vm/view.h"
#include "settings/settings_env.h"

static struct model_set *models_of(lua_State *L)
{
    return host_limits(state_of(L)->host)->models;
}

static const struct model *open_model(lua_State *L, int index, struct err *err)
{
    return model_open(models_of(L), luaL_checkstring(L, index), err);
}

static int push_problem(lua_State *L, const char *message)
{
    luaL_pushfail(L);
    lua_pushstring(L, message);
    return 2;
}

static void push_shape(lua_State *L, model_shape shape)
{
    if (shape == MODEL_NO_SHAPE)
        lua_pushboolean(L, 0);
    else
        lua_pushinteger(L, shape);
}

/* operation(service, name): the shapes of input and output (false: none), or nil and what is
 * wrong. */
static int lint_operation(lua_State *L)
{
    struct err err = {0};
    model_operation operation;
    struct model_operation_info info;
    const struct model *model = open_model(L, 1, &err);
    if (model == NULL || model_find_operation(model, luaL_checkstring(L, 2), &operation, &err) != 0)
        return push_problem(L, err.message);
    model_operation_info(model, operation, &info);
    push_shape(L, info.input);
    push_shape(L, info.output);
    return 2;
}

/* paged(service, operation): whether it has pages. */
static int lint_paged(lua_State *L)
{
    struct err err = {0};
    model_operation operation;
    struct model_paginator paginator;
    const struct model *model = open_model(L, 1, &err);
    lua_pushboolean(L, model != NULL &&
                           model_find_operation(model, luaL_checkstring(L, 2), &operation, &err) ==
                               0 &&
                           model_paginator(model, operation, &paginator));
    return 1;
}

/* kind(service, shape): "structure", "list", "map" or "other"; the element shape of a list or map;
 * and the shape of a map's keys. */
static int lint_kind(lua_State *L)
{
    struct err err = {0};
    struct model_shape_info info;
    model_shape_info(open_model(L, 1, &err), (model_shape)luaL_checkinteger(L, 2), &info);
    bool document = info.document || info.type == MODEL_DOCUMENT;
    const char *kind = document                       ? "other"
                       : info.type == MODEL_STRUCTURE ? "structure"
                       : info.type == MODEL_LIST      ? "list"
                       : info.type == MODEL_MAP       ? "map"
                                                      : "other";
    lua_pushstring(L, kind);
    push_shape(L, info.element);
    push_shape(L, info.key);
    return 3;
}

/* unlisted(service, shape, text): nil if the text may be a value of the shape, else the shape's
 * name and a did-you-mean. */
static int lint_unlisted(lua_State *L)
{
    struct err err = {0};
    struct model_shape_info info;
    struct suggest suggest;
    char hint[SUGGEST_TEXT];
    const struct model *model = open_model(L, 1, &err);
    model_shape shape = (model_shape)luaL_checkinteger(L, 2);
    const char *text = luaL_checkstring(L, 3);
    model_shape_info(model, shape, &info);
    suggest_init(&suggest, text);
    for (size_t i = 0; i < info.enum_count; i++) {
        const char *listed = model_enum_at(model, shape, i);
        if (strcmp(listed, text) == 0)
            return 0;
        suggest_offer(&suggest, listed);
    }
    if (info.enum_count == 0)
        return 0;
    suggest_text(&suggest, hint);
    lua_pushstring(L, info.name);
    lua_pushstring(L, hint);
    return 2;
}

/* member(service, shape, name): its shape, or nil, the structure's name and a did-you-mean. */
static int lint_member(lua_State *L)
{
    struct err err = {0};
    struct model_member member;
    struct model_shape_info info;
    struct suggest suggest;
    char hint[SUGGEST_TEXT];
    const struct model *model = open_model(L, 1, &err);
    model_shape shape = (model_shape)luaL_checkinteger(L, 2);
    const char *name = luaL_checkstring(L, 3);
    if (model_member_find(model, shape, name, &member)) {
        lua_pushinteger(L, member.shape);
        return 1;
    }
    model_shape_info(model, shape, &info);
    suggest_init(&suggest, name);
    for (size_t i = 0; i < info.member_count; i++) {
        model_member_at(model, shape, i, &member);
        suggest_offer(&suggest, member.name);
    }
    suggest_text(&suggest, hint);
    luaL_pushfail(L);
    lua_pushstring(L, info.name);
    lua_pushstring(L, hint);
    return 3;
}

/* members(service, shape): { name = required, … } */
static int lint_members(lua_State *L)
{
    struct err err = {0};
    struct model_member member;
    struct model_shape_info info;
    const struct model *model = open_model(L, 1, &err);
    model_shape shape = (model_shape)luaL_checkinteger(L, 2);
    model_shape_info(model, shape, &info);
    lua_createtable(L, 0, (int)info.member_count);
    for (size_t i = 0; i < info.member_count; i++) {
        model_member_at(model, shape, i, &member);
        lua_pushboolean(L, member.required && !member.idempotency_token);
        lua_setfield(L, -2, member.name);
    }
    return 1;
}

/* codes(service, operation): the error codes that the model lists, as keys. */
static int lint_codes(lua_State *L)
{
    struct err err = {0};
    model_operation operation;
    const struct model *model = open_model(L, 1, &err);
    lua_newtable(L);
    if (model == NULL || model_find_operation(model, luaL_checkstring(L, 2), &operation, &err) != 0)
        return 1;
    for (size_t i = 0; i < model_error_count(model, operation); i++) {
        struct model_error error;
        model_error_at(model, operation, i, &error);
        lua_pushboolean(L, 1);
        lua_setfield(L, -2, error.code);
        lua_pushboolean(L, 1);
        lua_setfield(L, -2, error.shape_name);
    }
    return 1;
}

/* refusal(service, operation, code): whether `try` refuses the code, because it says nothing about
 * the resource and the policy does not declare that it tolerates it. */
static int lint_refusal(lua_State *L)
{
    const struct policy_file *file = state_of(L)->file;
    const char *service = luaL_checkstring(L, 1), *operation = luaL_checkstring(L, 2);
    const char *code = luaL_checkstring(L, 3);
    lua_pushboolean(L, file != NULL && refusal_code(code) &&
                           !policy_file_tolerates(file, service, operation, code));
    return 1;
}

/* ---- events ---- */

static bool is_source(const struct model *model, const char *source)
{
    const struct model_info *info = model_info(model);
    return strcmp(info->endpoint_prefix, source) == 0 || strcmp(info->signing_name, source) == 0 ||
           strcmp(info->name, source) == 0;
}

/* event(source, operation): the service that has the operation, or nil and what is wrong. Several
 * services may share a source, as the two generations of load balancers do. */
static int lint_event(lua_State *L)
{
    size_t count;
    bool any = false;
    struct err err = {0}, first = {0};
    struct suggest suggest;
    char hint[SUGGEST_TEXT];
    const char *source = luaL_checkstring(L, 1), *name = luaL_checkstring(L, 2);
    const char *const *services = model_services(models_of(L), &count);
    suggest_init(&suggest, source);
    for (size_t i = 0; i < count; i++) {
        model_operation operation;
        const struct model *model = model_open(models_of(L), services[i], &err);
        if (model != NULL)
            suggest_offer(&suggest, model_info(model)->endpoint_prefix);
        if (model == NULL || !is_source(model, source))
            continue;
        if (model_find_operation(model, name, &operation, any ? &err : &first) == 0) {
            lua_pushstring(L, services[i]);
            return 1;
        }
        any = true;
    }
    if (any)
        return push_problem(L, first.message);
    suggest_text(&suggest, hint);
    lua_pushfstring(L, "there is no such service%s", hint);
    return push_problem(L, lua_tostring(L, -1));
}

/* ---- what a policy can see ---- */

/* settings(): the names of settings, as keys. */
static int lint_settings(lua_State *L)
{
    const char *name;
    lua_newtable(L);
    for (size_t i = 0; (name = settings_policy_name(i)) != NULL; i++) {
        char lower[64];
        size_t length = 0;
        for (; name[length] != '\0' && length + 1 < sizeof lower; length++)
            lower[length] = (char)tolower((unsigned char)name[length]);
        lower[length] = '\0';
        lua_pushboolean(L, 1);
        lua_setfield(L, -2, lower);
    }
    return 1;
}

/* real(table): the real table of a read-only view; any other table is returned unchanged. */
static int lint_real(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    view_real(L, 1);
    return 1;
}

static int lint_environment(lua_State *L)
{
    state_push(L, STATE_ENV);
    return 1;
}

/* modules(): the required modules, by name. */
static int lint_modules(lua_State *L)
{
    state_push(L, STATE_LOADED);
    return 1;
}

/* library(name): the text of a required module; nil if it does not come from a file. */
static int lint_library(lua_State *L)
{
    require_push_text(L, luaL_checkstring(L, 1));
    return 1;
}

static const luaL_Reg functions[] = {
    {"operation", lint_operation}, {"paged", lint_paged},     {"kind", lint_kind},
    {"unlisted", lint_unlisted},   {"member", lint_member},   {"members", lint_members},
    {"codes", lint_codes},         {"refusal", lint_refusal}, {"event", lint_event},
    {"settings", lint_settings},   {"real", lint_real},       {"environment", lint_environment},
    {"modules", lint_modules},     {"library", lint_library}, {NULL, NULL},
};

void lint_models_open(lua_State *L)
{
    luaL_setfuncs(L, functions, 0);
}
