#include "bindings/libs/lib_aws.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "aws/client/gathered_reads.h"
#include "aws/operations/opset.h"
#include "bindings/libs/aws_call.h"
#include "bindings/libs/lib_pages.h"
#include "bindings/libs/try_codes.h"
#include "bindings/vm/policy_file.h"
#include "bindings/vm/taint.h"

/* Default maximum number of ids in one call; EC2 recommends at most a few hundred (EC2 developer
 * guide, "Best practices for pagination"). */
#define MOST_IDS 100

/* aws.sqs:GetQueueAttributes{…}; upvalue: the operation's name. */
static int service_call(lua_State *L)
{
    taint_begin(L);
    const struct aws_service *service = aws_call_service(L, 1);
    return aws_call_start(L, service, lua_tostring(L, lua_upvalueindex(1)), 2, 0);
}

/* ---- names ---- */

/* Refuses undeclared operations before the parameters are converted. The client refuses them
 * too. */
static void check_declared(lua_State *L, const struct aws_service *service, const char *operation)
{
    const struct policy_file *file = state_of(L)->file;
    if (file == NULL || opset_has(file->reads, service->name, operation))
        return;
    if (opset_has(file->writes, service->name, operation))
        taint_refuse(L, "%s:%s changes things: return it as a step of fix", service->name,
                     operation);
    taint_refuse(L, "%s:%s is not declared in permissions.read", service->name, operation);
}

static int service_try(lua_State *L)
{
    taint_begin(L);
    const struct aws_service *service = aws_call_service(L, 1);
    const char *operation = luaL_checkstring(L, 2);
    check_declared(L, service, operation);
    try_check(L, 4, service->name, operation);
    return aws_call_start(L, service, operation, 3, 4);
}

/* Reads the options of `one` at index 5, if there are any, and pushes their parameters, or nil. */
static void read_one_options(lua_State *L, struct gathered_read *read)
{
    lua_pushnil(L);
    int with = lua_gettop(L);
    if (!lua_istable(L, 5))
        return;
    for (lua_pushnil(L); lua_next(L, 5) != 0; lua_pop(L, 1)) {
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
        if (strcmp(name, "with") == 0 && lua_istable(L, -1)) {
            lua_pushvalue(L, -1);
            lua_replace(L, with);
        } else if (strcmp(name, "most") == 0 && lua_isinteger(L, -1) && lua_tointeger(L, -1) > 0) {
            read->most = (size_t)lua_tointeger(L, -1);
        } else {
            taint_refuse(L, "one: option \"%s\" is not { with = parameters, most = ids in a call }",
                         luaL_tolstring(L, -2, NULL));
        }
    }
}

/* aws.ec2:one("DescribeInstances", "InstanceIds", id[, { with =, most = }][, code…]) */
static int service_one(lua_State *L)
{
    taint_begin(L);
    const struct aws_service *service = aws_call_service(L, 1);
    const char *operation = luaL_checkstring(L, 2);
    struct gathered_read read = {
        .list = luaL_checkstring(L, 3), .id = luaL_checkstring(L, 4), .most = MOST_IDS};
    int first_code = lua_istable(L, 5) ? 6 : 5;
    check_declared(L, service, operation);
    try_check(L, first_code, service->name, operation);
    read_one_options(L, &read);
    return aws_call_gather(L, service, operation, first_code, &read);
}

static int service_pages(lua_State *L)
{
    taint_begin(L);
    const struct aws_service *service = aws_call_service(L, 1);
    const char *operation = luaL_checkstring(L, 2);
    check_declared(L, service, operation);
    const struct policy_file *file = state_of(L)->file;
    if (file != NULL && opset_has(file->shared, service->name, operation))
        taint_refuse(L, "%s:%s is a shared read, which has no pages: call it directly",
                     service->name, operation);
    int results = lib_pages_start(L, service);
    taint_end(L);
    return results;
}

/* Upvalue 1: {try=, pages=, one=}. The user value of the service caches its methods. Only declared
 * names are cached, so a policy cannot make it grow. */
static int service_index(lua_State *L)
{
    const struct aws_service *service = aws_call_service(L, 1);
    const char *operation = luaL_checkstring(L, 2);
    if (strlen(operation) != lua_rawlen(L, 2))
        return taint_refuse(L, "%s:%s: no such operation", service->name, operation);
    lua_getiuservalue(L, 1, 1);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, -2) != LUA_TNIL)
        return 1;
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
        return 1;
    check_declared(L, service, operation);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, service_call, 1);
    lua_rawset(L, 3);
    lua_pushvalue(L, 2);
    lua_rawget(L, 3);
    return 1;
}

static void push_service(lua_State *L, const struct aws_location *location, const char *name)
{
    struct aws_service *service = lua_newuserdatauv(L, sizeof *service, 1);
    service->location = *location;
    snprintf(service->name, sizeof service->name, "%s", name);
    for (char *c = service->name; *c != '\0'; c++) {
        if (*c == '_')
            *c = '-';
    }
    lua_newtable(L);
    lua_setiuservalue(L, -2, 1);
    state_push(L, STATE_SERVICE);
    lua_setmetatable(L, -2);
}

/* ---- aws ---- */

static const struct aws_location *check_aws(lua_State *L)
{
    luaL_argexpected(L, aws_call_is(L, 1, STATE_AWS), 1, "aws (call with ':')");
    return lua_touserdata(L, 1);
}

static bool is_word(const char *text, size_t max)
{
    size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-_");
    return length > 0 && length < max && text[length] == '\0';
}

static void push_aws(lua_State *L, const struct aws_location *location)
{
    struct aws_location *aws = lua_newuserdatauv(L, sizeof *aws, 1);
    *aws = *location;
    lua_newtable(L);
    lua_setiuservalue(L, -2, 1);
    state_push(L, STATE_AWS);
    lua_setmetatable(L, -2);
}

static int aws_in_region(lua_State *L)
{
    taint_begin(L);
    struct aws_location location = *check_aws(L);
    const char *region = luaL_checkstring(L, 2);
    luaL_argcheck(L, is_word(region, sizeof location.region), 2, "a region name such as eu-west-1");
    snprintf(location.region, sizeof location.region, "%s", region);
    push_aws(L, &location);
    taint_end(L);
    return 1;
}

static int aws_in_account(lua_State *L)
{
    struct aws_location location = *check_aws(L);
    const char *account = luaL_checkstring(L, 2);
    bool good = strlen(account) == 12 && strspn(account, "0123456789") == 12;
    luaL_argcheck(L, good, 2, "an account id of 12 digits");
    if (state_of(L)->file != NULL)
        return taint_refuse(L, "a policy may only call the account of its resource");
    snprintf(location.account, sizeof location.account, "%s", account);
    push_aws(L, &location);
    return 1;
}

/* The user value of the object caches its services. Their names are limited by their form, and
 * cached only if the policy declares them. */
static int aws_index(lua_State *L)
{
    const struct aws_location *location = check_aws(L);
    const char *name = luaL_checkstring(L, 2);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
        return 1;
    lua_getiuservalue(L, 1, 1);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, -2) != LUA_TNIL)
        return 1;
    if (strlen(name) != lua_rawlen(L, 2) || !is_word(name, sizeof((struct aws_service *)0)->name))
        return taint_refuse(L, "aws.%s: no such service", name);
    push_service(L, location, name);
    const struct policy_file *file = state_of(L)->file;
    if (file != NULL && !opset_has_service(file->reads, name))
        return 1;
    lua_pushvalue(L, 2);
    lua_pushvalue(L, -2);
    lua_rawset(L, 4);
    return 1;
}

void lib_aws_push_here(lua_State *L)
{
    state_push(L, STATE_AWS_HERE);
}

static int refuse_set(lua_State *L)
{
    return luaL_error(L, "aws is read-only");
}

static const luaL_Reg aws_methods[] = {
    {"in_region", aws_in_region},
    {"in_account", aws_in_account},
    {NULL, NULL},
};

static const luaL_Reg service_methods[] = {
    {"try", service_try},
    {"pages", service_pages},
    {"one", service_one},
    {NULL, NULL},
};

static void open_type(lua_State *L, enum state_key key, const char *name, const luaL_Reg *methods,
                      lua_CFunction index)
{
    lua_createtable(L, 0, 4);
    lua_newtable(L);
    lua_newtable(L); /* for `try` */
    luaL_setfuncs(L, methods, 1);
    lua_pushcclosure(L, index, 1);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, refuse_set);
    lua_setfield(L, -2, "__newindex");
    lua_pushstring(L, name);
    lua_setfield(L, -2, "__name");
    state_store(L, key);
}

void lib_aws_open(lua_State *L)
{
    static const struct aws_location here;
    open_type(L, STATE_AWS, "aws", aws_methods, aws_index);
    open_type(L, STATE_SERVICE, "service", service_methods, service_index);
    push_aws(L, &here);
    state_store(L, STATE_AWS_HERE);
}
