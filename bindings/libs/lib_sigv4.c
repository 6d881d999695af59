#include "bindings/libs/lib_sigv4.h"

#include <lauxlib.h>
#include <string.h>

#include "aws/sigv4/sigv4.h"
#include "base/clock.h"
#include "bindings/vm/errors.h"

#define MAX_HEADERS 100

static const char *const option_names[] = {
    "method",
    "url",
    "headers",
    "body",
    "region",
    "service",
    "access_key",
    "secret_key",
    "session_token",
    "time",
    "normalize_path",
    "sign_body",
    "omit_session_token",
    "expires",
    NULL,
};

/* All pointers refer to strings of the options table, or to values on the stack. */
struct job {
    struct sigv4_request request;
    struct sigv4_key key;
    struct http_header headers[MAX_HEADERS];
    const char *origin; /* "https://host", for presigned URLs */
};

static void check_names(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_pushnil(L);
    while (lua_next(L, 1)) {
        const char *const *name = option_names;
        if (lua_type(L, -2) != LUA_TSTRING)
            luaL_error(L, "sigv4: options are named");
        while (*name != NULL && strcmp(*name, lua_tostring(L, -2)) != 0)
            name++;
        if (*name == NULL)
            luaL_error(L, "sigv4: no such option: %s", lua_tostring(L, -2));
        lua_pop(L, 1);
    }
}

static const char *text_option(lua_State *L, const char *name, const char *otherwise)
{
    lua_getfield(L, 1, name);
    const char *text = otherwise;
    if (lua_type(L, -1) == LUA_TSTRING)
        text = lua_tostring(L, -1);
    else if (!lua_isnil(L, -1))
        luaL_error(L, "sigv4: %s must be a string", name);
    lua_pop(L, 1);
    return text;
}

static const char *needed(lua_State *L, const char *name)
{
    const char *text = text_option(L, name, NULL);
    if (text == NULL)
        luaL_error(L, "sigv4: %s is missing", name);
    return text;
}

static bool flag_option(lua_State *L, const char *name, bool otherwise)
{
    lua_getfield(L, 1, name);
    bool value = lua_isnil(L, -1) ? otherwise : lua_toboolean(L, -1);
    lua_pop(L, 1);
    return value;
}

static lua_Integer number_option(lua_State *L, const char *name, lua_Integer otherwise)
{
    lua_getfield(L, 1, name);
    lua_Integer value = lua_isnil(L, -1) ? otherwise : luaL_checkinteger(L, -1);
    lua_pop(L, 1);
    return value;
}

/* The path is taken unchanged, including spaces: the signer encodes the characters not allowed in a
 * URI. */
static void split_url(lua_State *L, struct job *job)
{
    const char *url = needed(L, "url");
    const char *scheme = strstr(url, "://");
    if (scheme == NULL)
        luaL_error(L, "sigv4: url must start with http:// or https://");
    const char *host = scheme + 3;
    size_t host_length = strcspn(host, "/?");
    const char *path = host + host_length;
    size_t path_length = strcspn(path, "?");
    if (host_length == 0)
        luaL_error(L, "sigv4: url names no host");
    job->request.host = lua_pushlstring(L, host, host_length);
    job->origin = lua_pushlstring(L, url, (size_t)(path - url));
    job->request.path = path_length > 0 ? lua_pushlstring(L, path, path_length) : "/";
    job->request.query = path[path_length] == '?' ? path + path_length + 1 : "";
}

/* { { name, value }, … }; the tables keep the strings alive. */
static void read_headers(lua_State *L, struct job *job)
{
    lua_getfield(L, 1, "headers");
    if (lua_isnil(L, -1))
        return;
    luaL_checktype(L, -1, LUA_TTABLE);
    size_t count = lua_rawlen(L, -1);
    if (count > MAX_HEADERS)
        luaL_error(L, "sigv4: more than %d headers", MAX_HEADERS);
    for (size_t i = 0; i < count; i++) {
        if (lua_rawgeti(L, -1, (lua_Integer)i + 1) != LUA_TTABLE ||
            lua_rawgeti(L, -1, 1) != LUA_TSTRING || lua_rawgeti(L, -2, 2) != LUA_TSTRING)
            luaL_error(L, "sigv4: headers[%d] must be { name, value }", (int)i + 1);
        job->headers[i].name = lua_tostring(L, -2);
        job->headers[i].value = lua_tostring(L, -1);
        lua_pop(L, 3);
    }
    job->request.headers = job->headers;
    job->request.header_count = count;
}

static void read_body(lua_State *L, struct job *job)
{
    lua_getfield(L, 1, "body");
    if (!lua_isnil(L, -1))
        job->request.body = luaL_checklstring(L, -1, &job->request.body_length);
}

static void read_options(lua_State *L, struct job *job)
{
    check_names(L);
    luaL_checkstack(L, 20, NULL);
    struct sigv4_request *request = &job->request;
    request->method = text_option(L, "method", "GET");
    request->region = needed(L, "region");
    request->service = needed(L, "service");
    bool s3 = strcmp(request->service, "s3") == 0;
    request->time_ms = number_option(L, "time", clock_wall_ms() / 1000) * 1000;
    request->normalize_path = flag_option(L, "normalize_path", !s3);
    request->encode_path = !s3;
    request->sign_body = flag_option(L, "sign_body", s3);
    request->omit_session_token = flag_option(L, "omit_session_token", false);
    request->expires = number_option(L, "expires", 3600);
    job->key.access_key = needed(L, "access_key");
    job->key.secret_key = needed(L, "secret_key");
    job->key.session_token = text_option(L, "session_token", NULL);
    split_url(L, job);
    read_headers(L, job);
    read_body(L, job);
}

static void set_buf(lua_State *L, const char *name, const struct buf *text)
{
    lua_pushlstring(L, buf_text(text), text->len);
    lua_setfield(L, -2, name);
}

/* A list of { name, value }, which can also be indexed by a name in lower case. */
static void push_headers(lua_State *L, const struct sigv4_result *result)
{
    lua_newtable(L);
    for (size_t i = 0; i < result->header_count; i++) {
        lua_createtable(L, 2, 0);
        lua_pushstring(L, result->headers[i].name);
        lua_rawseti(L, -2, 1);
        lua_pushstring(L, result->headers[i].value);
        lua_rawseti(L, -2, 2);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
        lua_pushstring(L, result->headers[i].value);
        lua_setfield(L, -2, result->headers[i].name);
    }
}

static void push_result(lua_State *L, const struct sigv4_result *result)
{
    lua_newtable(L);
    set_buf(L, "canonical_request", &result->canonical_request);
    set_buf(L, "string_to_sign", &result->string_to_sign);
    lua_pushstring(L, result->signature);
    lua_setfield(L, -2, "signature");
    push_headers(L, result);
    lua_setfield(L, -2, "headers");
}

static int run(lua_State *L, bool presign)
{
    struct job job = {.origin = NULL};
    struct sigv4_result result;
    struct err err = {0};
    read_options(L, &job);
    sigv4_result_init(&result);
    int status = presign ? sigv4_presign(&job.request, &job.key, &result, &err)
                         : sigv4_sign(&job.request, &job.key, &result, &err);
    if (status != 0) {
        sigv4_result_clear(&result);
        return errors_raise(L, &err);
    }
    push_result(L, &result);
    if (presign) {
        lua_pushfstring(L, "%s%s?%s", job.origin, job.request.path, buf_text(&result.query));
        lua_setfield(L, -2, "url");
    }
    sigv4_result_clear(&result);
    return 1;
}

static int sign(lua_State *L)
{
    return run(L, false);
}

static int presign(lua_State *L)
{
    return run(L, true);
}

static const luaL_Reg functions[] = {
    {"sign", sign},
    {"presign", presign},
    {NULL, NULL},
};

void lib_sigv4_push(lua_State *L)
{
    luaL_newlib(L, functions);
}
