#include "bindings/vm/convert_take.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "bindings/vm/box.h"
#include "bindings/vm/budget.h"
#include "bindings/vm/convert_push.h"
#include "bindings/vm/state.h"
#include "bindings/vm/view.h"
#include "value/json.h"

/* A table that contains itself many times is small in Lua and endless in JSON. */
#define MAX_VALUES 1000000
#define MAX_BYTES (32u << 20)
/* What a value takes in C, approximately: charged both in steps and in bytes. */
#define VALUE_BYTES 64
#define VALUE_STEPS 10
#define BYTES_PER_STEP 32

/* The path to the current value, innermost first. It is on the C stack, and only read on an
 * error. */
struct path {
    const struct path *up;
    const char *key; /* NULL: an entry of a list */
    size_t key_length;
    lua_Integer index;
};

struct taker {
    lua_State *L;
    enum convert_take_mode mode;
    const char *root;
    size_t values, bytes, depth;
    const char *too_large; /* why a value with more than these is refused */
    struct err *err;
    bool failed;
};

static json_t *take(struct taker *taker, int index, const struct path *path);

static void write_path(struct buf *out, const struct path *path)
{
    if (path == NULL)
        return;
    write_path(out, path->up);
    if (path->key == NULL)
        buf_addf(out, "[%lld]", (long long)path->index);
    else
        buf_addf(out, ".%.*s", (int)(path->key_length < 80 ? path->key_length : 80), path->key);
}

static json_t *refuse(struct taker *taker, const struct path *path, enum err_kind kind,
                      const char *why)
{
    struct buf text;
    buf_init(&text, 800);
    write_path(&text, path);
    if (!taker->failed)
        err_set(taker->err, kind, "%s%s %s", taker->root, buf_text(&text), why);
    buf_clear(&text);
    taker->failed = true;
    return NULL;
}

/* A value that JSON cannot represent: left out of digests, refused otherwise. */
static json_t *cannot(struct taker *taker, const struct path *path, const char *why)
{
    return taker->mode == CONVERT_LENIENT ? NULL : refuse(taker, path, ERR_POLICY, why);
}

static json_t *take_number(struct taker *taker, int index, const struct path *path)
{
    if (lua_isinteger(taker->L, index))
        return json_integer(lua_tointeger(taker->L, index));
    double number = lua_tonumber(taker->L, index);
    if (isfinite(number))
        return json_real(number);
    if (taker->mode != CONVERT_PARAMS)
        return cannot(taker, path, "is a number that JSON cannot represent");
    if (isnan(number))
        return json_string("NaN");
    return json_string(number > 0 ? "Infinity" : "-Infinity");
}

static json_t *take_string(struct taker *taker, int index, const struct path *path)
{
    size_t length;
    const char *text = lua_tolstring(taker->L, index, &length);
    if (length > taker->bytes)
        return refuse(taker, path, ERR_LIMIT, taker->too_large);
    taker->bytes -= length;
    return json_stringn_nocheck(text, length);
}

/* ---- lists ---- */

static json_t *take_list(struct taker *taker, int index, lua_Integer count, const struct path *path)
{
    json_t *list = json_array();
    for (lua_Integer i = 1; i <= count && !taker->failed; i++) {
        struct path here = {.up = path, .index = i};
        lua_rawgeti(taker->L, index, i);
        json_t *value = take(taker, lua_gettop(taker->L), &here);
        lua_pop(taker->L, 1);
        if (value != NULL)
            json_array_append_new(list, value);
    }
    return list;
}

enum shape { SHAPE_EMPTY, SHAPE_LIST, SHAPE_MAP, SHAPE_MIXED };

/* A list has exactly the keys 1…n, a map only strings. */
static enum shape shape_of(lua_State *L, int index, lua_Integer *count)
{
    lua_Integer integers = 0, largest = 0, strings = 0;
    bool other = false;
    lua_pushnil(L);
    while (lua_next(L, index)) {
        lua_pop(L, 1);
        if (lua_isinteger(L, -1)) {
            lua_Integer key = lua_tointeger(L, -1);
            integers++;
            other |= key < 1;
            largest = key > largest ? key : largest;
        } else if (lua_type(L, -1) == LUA_TSTRING) {
            strings++;
        } else {
            other = true;
        }
    }
    *count = integers;
    if (other || (integers > 0 && (strings > 0 || largest != integers)))
        return SHAPE_MIXED;
    if (integers > 0)
        return SHAPE_LIST;
    return strings > 0 ? SHAPE_MAP : SHAPE_EMPTY;
}

/* ---- maps ---- */

struct member {
    const char *key; /* the string belongs to the table */
    size_t length;
    json_t *value;
};

struct members {
    struct member *items;
    size_t count, room;
};

static void add_member(struct members *members, struct member member)
{
    if (members->count == members->room) {
        members->room = members->room != 0 ? 2 * members->room : 8;
        members->items = mem_resize(members->items, members->room * sizeof *members->items);
    }
    members->items[members->count++] = member;
}

/* Converts the value on top, whose key is below it; pops the value. */
static void take_member(struct taker *taker, struct members *members, const struct path *path)
{
    struct member member = {.value = NULL};
    member.key = lua_tolstring(taker->L, -2, &member.length);
    struct path here = {.up = path, .key = member.key, .key_length = member.length};
    if (member.length > taker->bytes)
        refuse(taker, path, ERR_LIMIT, taker->too_large);
    else
        taker->bytes -= member.length;
    member.value = taker->failed ? NULL : take(taker, lua_gettop(taker->L), &here);
    lua_pop(taker->L, 1);
    if (member.value != NULL)
        add_member(members, member);
}

static int by_key(const void *a, const void *b)
{
    const struct member *one = a, *two = b;
    size_t shorter = one->length < two->length ? one->length : two->length;
    int order = memcmp(one->key, two->key, shorter);
    return order != 0 ? order : (one->length > two->length) - (one->length < two->length);
}

/* Moves the members to the object. Members that it already has are kept. */
static void move_members(struct members *members, json_t *object)
{
    for (size_t i = 0; i < members->count; i++) {
        struct member *member = &members->items[i];
        if (json_object_getn(object, member->key, member->length) != NULL)
            json_decref(member->value);
        else
            json_object_setn_new_nocheck(object, member->key, member->length, member->value);
    }
    members->count = 0;
}

/* Takes the members in the order that the table remembers. */
static void take_remembered(struct taker *taker, int index, json_t *object, const struct path *path)
{
    lua_State *L = taker->L;
    struct members members = {.items = NULL};
    if (!lua_getmetatable(L, index))
        return;
    int order = lua_gettop(L);
    if (lua_rawgetp(L, order, &convert_order_key) != LUA_TNIL) {
        lua_Integer count = (lua_Integer)lua_rawlen(L, order);
        for (lua_Integer i = 1; i <= count && !taker->failed; i++) {
            lua_rawgeti(L, order, i);
            lua_pushvalue(L, -1);
            if (lua_rawget(L, index) != LUA_TNIL)
                take_member(taker, &members, path);
            else
                lua_pop(L, 1);
            lua_pop(L, 1);
        }
    }
    move_members(&members, object);
    mem_free(members.items);
    lua_settop(L, order - 1);
}

static json_t *take_map(struct taker *taker, int index, const struct path *path)
{
    lua_State *L = taker->L;
    json_t *object = json_object();
    struct members members = {.items = NULL};
    take_remembered(taker, index, object, path);
    lua_pushnil(L);
    while (!taker->failed && lua_next(L, index)) {
        size_t length;
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tolstring(L, -2, &length) : NULL;
        if (key != NULL && json_object_getn(object, key, length) == NULL)
            take_member(taker, &members, path);
        else
            lua_pop(L, 1);
    }
    if (members.count > 1)
        qsort(members.items, members.count, sizeof *members.items, by_key);
    move_members(&members, object);
    mem_free(members.items);
    return object;
}

/* ---- tables ---- */

/* Replaces a view on the stack by its real table. */
static void unwrap_view(lua_State *L, int index)
{
    if (view_real(L, index))
        lua_replace(L, index);
}

static bool is_marked_list(lua_State *L, int index)
{
    if (!lua_getmetatable(L, index))
        return false;
    state_push(L, STATE_LIST);
    bool marked = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return marked;
}

static json_t *take_shape(struct taker *taker, int index, const struct path *path)
{
    lua_Integer count;
    switch (shape_of(taker->L, index, &count)) {
    case SHAPE_EMPTY: return is_marked_list(taker->L, index) ? json_array() : json_object();
    case SHAPE_LIST: return take_list(taker, index, count, path);
    case SHAPE_MAP: return take_map(taker, index, path);
    case SHAPE_MIXED: break;
    }
    if (taker->mode == CONVERT_LENIENT)
        return take_map(taker, index, path);
    return refuse(taker, path, ERR_POLICY,
                  "is neither a list (keys 1 to n, no holes) nor a map (keys are strings)");
}

static json_t *take_table(struct taker *taker, int index, const struct path *path)
{
    lua_State *L = taker->L;
    if (taker->depth >= JSON_MAX_NESTING && taker->mode == CONVERT_LENIENT)
        return NULL;
    if (taker->depth >= JSON_MAX_NESTING || !lua_checkstack(L, 12))
        return refuse(taker, NULL, ERR_LIMIT, "is nested more than 512 deep, or contains itself");
    lua_pushvalue(L, index);
    int copy = lua_gettop(L);
    unwrap_view(L, copy);
    taker->depth++;
    json_t *value = take_shape(taker, copy, path);
    taker->depth--;
    lua_settop(L, copy - 1);
    if (!taker->failed)
        return value;
    json_decref(value);
    return NULL;
}

static json_t *take_userdata(struct taker *taker, int index, const struct path *path)
{
    lua_State *L = taker->L;
    json_t *value = NULL;
    if (lua_getmetatable(L, index)) {
        state_push(L, STATE_BOX);
        if (lua_rawequal(L, -1, -2))
            value = box_value(L, index);
        lua_pop(L, 2);
    }
    return value != NULL ? json_incref(value) : cannot(taker, path, "is not plain data");
}

/* json.null. lib.none cannot be represented. */
static json_t *take_null(struct taker *taker, int index, const struct path *path)
{
    if (lua_touserdata(taker->L, index) == NULL)
        return json_null();
    return refuse(taker, path, ERR_POLICY, "is lib.none, which stands for a whole part in `after`");
}

static json_t *take(struct taker *taker, int index, const struct path *path)
{
    if (taker->values == 0)
        return refuse(taker, NULL, ERR_LIMIT, taker->too_large);
    taker->values--;
    switch (lua_type(taker->L, index)) {
    case LUA_TTABLE: return take_table(taker, index, path);
    case LUA_TSTRING: return take_string(taker, index, path);
    case LUA_TNUMBER: return take_number(taker, index, path);
    case LUA_TBOOLEAN: return json_boolean(lua_toboolean(taker->L, index));
    case LUA_TUSERDATA: return take_userdata(taker, index, path);
    case LUA_TLIGHTUSERDATA: return take_null(taker, index, path);
    case LUA_TFUNCTION: return cannot(taker, path, "is a function");
    case LUA_TNIL: return cannot(taker, path, "is nil");
    default: return cannot(taker, path, "is not plain data");
    }
}

json_t *convert_take(lua_State *L, int index, enum convert_take_mode mode, const char *root,
                     struct err *err)
{
    struct state *state = state_of(L);
    size_t room = state_room(state);
    const size_t most = room / VALUE_BYTES < MAX_VALUES ? room / VALUE_BYTES : MAX_VALUES;
    const size_t longest = room < MAX_BYTES ? room : MAX_BYTES;
    struct taker taker = {
        .L = L, .mode = mode, .root = root, .values = most, .bytes = longest, .err = err};
    taker.too_large = longest < MAX_BYTES ? "needs more memory than the policy may use"
                                          : "contains too many values, or too long ones";
    json_t *value = take(&taker, lua_absindex(L, index), NULL);
    if (value == NULL && !taker.failed)
        value = json_null();
    if (value == NULL)
        return NULL;
    size_t values = most - taker.values, bytes = longest - taker.bytes;
    state->taken = VALUE_BYTES * values + bytes;
    if (budget_take(L, VALUE_STEPS * values + bytes / BYTES_PER_STEP))
        return value;
    json_decref(value);
    refuse(&taker, NULL, ERR_LIMIT, "took too long to write");
    return NULL;
}
