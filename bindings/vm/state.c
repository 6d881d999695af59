#include "bindings/vm/state.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "bindings/vm/closer.h"
#include "bindings/vm/host.h"

/* Percentage for lua_gc: a collection starts when memory use reaches this many percent of what the
 * last collection left (Lua's default: 200). Each resource in progress has a coroutine, so what is
 * left is large, and 400 takes 1.5 MiB more; 200 takes 1.6 % more instructions for each call. At
 * the maximum Lua collects anyway. */
#define GC_PAUSE 250
/* Blocks of at least this size are charged as work, because they will be filled. */
#define LARGE 1024
/* So many times its maximum may a state have reserved for small blocks. */
#define MAX_RESERVED 8
/* After this many bytes in such blocks the budget looks at the clock. */
#define UNSEEN_BYTES (8u << 20)

static void count_large(struct state *state, size_t bytes)
{
    state->allocated += bytes;
    if (state->allocated >= UNSEEN_BYTES && state->running != NULL)
        state->hurry(state->running);
}

/* The line of the policy that runs; the helpers in C and the prelude have none. Looking allocates
 * nothing. */
static void note_place(struct state *state)
{
    lua_Debug frame;
    state->no_memory_at[0] = '\0';
    for (int level = 0; state->running != NULL && lua_getstack(state->running, level, &frame);
         level++) {
        lua_getinfo(state->running, "Sl", &frame);
        if (frame.currentline <= 0 || strstr(frame.short_src, ".lua") == NULL)
            continue;
        snprintf(state->no_memory_at, sizeof state->no_memory_at, "%s:%d", frame.short_src,
                 frame.currentline);
        return;
    }
}

/* A policy that again and again frees what it has and allocates another size would reserve more and
 * more for small blocks: so that has a limit, too. */
static bool may_grow(const struct state *state, size_t old_size, size_t new_size)
{
    return state->max == 0 ||
           (state->used - old_size + new_size <= state->max &&
            (!blocks_is_small(new_size) || state->blocks.reserved / MAX_RESERVED <= state->max));
}

static void *resize(struct state *state, void *old, size_t old_size, size_t new_size)
{
    if (old == NULL)
        old_size = 0; /* for a new block, Lua passes the type of object here */
    if (new_size > old_size && !may_grow(state, old_size, new_size)) {
        note_place(state);
        return NULL;
    }
    state->used = state->used - old_size + new_size;
    if (new_size > LARGE && new_size > old_size)
        count_large(state, new_size);
    return blocks_resize(&state->blocks, old, old_size, new_size);
}

/* Small blocks are taken and freed at once; everything else is rarer. */
static void *allocate(void *arg, void *old, size_t old_size, size_t new_size)
{
    struct state *state = arg;
    if (old == NULL && blocks_is_small(new_size) &&
        (state->max == 0 || state->used + new_size <= state->max)) {
        void *block = blocks_take(&state->blocks, new_size);
        if (block != NULL) {
            state->used += new_size;
            return block;
        }
    } else if (old != NULL && new_size == 0 && blocks_is_small(old_size)) {
        state->used -= old_size;
        blocks_give_back(&state->blocks, old, old_size);
        return NULL;
    }
    return resize(state, old, old_size, new_size);
}

static int on_panic(lua_State *L)
{
    log_error("the Lua host failed: %s",
              lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "no message");
    return 0;
}

/* A fresh registry gives references that follow each other. An entry holds an empty table until it
 * is stored, which also serves as a metatable: what opens the state may fail halfway. */
static void reserve_keys(struct state *state)
{
    lua_State *L = state->L;
    lua_newtable(L);
    for (int key = STATE_KEYS; key > 0; key--) {
        lua_pushvalue(L, -1);
        state->first_key = luaL_ref(L, LUA_REGISTRYINDEX) - STATE_KEYS + 1;
    }
    lua_pop(L, 1);
}

struct state *state_new(struct host *host, size_t max)
{
    struct state *state = mem_alloc(sizeof *state);
    state->host = host;
    state->L = lua_newstate(allocate, state);
    if (state->L == NULL) {
        mem_free(state);
        return NULL;
    }
    state->max = max;
    lua_atpanic(state->L, on_panic);
    memset(lua_getextraspace(state->L), 0, LUA_EXTRASPACE);
    reserve_keys(state);
    lua_gc(state->L, LUA_GCINC, GC_PAUSE, 0, 0);
    return state;
}

void state_free(struct state *state)
{
    if (state == NULL)
        return;
    lua_close(state->L);
    closer_close_all(&state->closers);
    blocks_clear(&state->blocks);
    spares_clear(&state->spare_tasks);
    mem_free(state);
}

struct state *state_of(lua_State *L)
{
    void *state = NULL;
    lua_getallocf(L, &state);
    return state;
}

struct loop *state_loop(const struct state *state)
{
    return host_loop(state->host);
}

static bool has_room(const struct state *state, size_t bytes)
{
    return state->max == 0 || (bytes <= state->max && state->used <= state->max - bytes);
}

bool state_hold(struct state *state, size_t bytes)
{
    if (!has_room(state, bytes))
        lua_gc(state->running != NULL ? state->running : state->L, LUA_GCCOLLECT);
    if (!has_room(state, bytes))
        return false;
    state->used += bytes;
    return true;
}

size_t state_room(struct state *state)
{
    if (state->max == 0)
        return SIZE_MAX;
    if (!has_room(state, state->max / 4))
        lua_gc(state->running != NULL ? state->running : state->L, LUA_GCCOLLECT);
    return state->used < state->max ? state->max - state->used : 0;
}

void state_let_go(struct state *state, size_t bytes)
{
    state->used -= bytes;
}

static int fail(lua_State *L, int status, struct err *err)
{
    const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "no message";
    err_set(err, status == LUA_ERRMEM ? ERR_LIMIT : ERR_POLICY, "%s", text);
    lua_pop(L, 1);
    return -1;
}

int state_protect(struct state *state, struct err *err, lua_CFunction fn, void *arg)
{
    lua_State *L = state->L;
    if (!lua_checkstack(L, 4))
        return err_set(err, ERR_LIMIT, "not enough memory");
    lua_pushcfunction(L, fn);
    lua_pushlightuserdata(L, arg);
    int status = lua_pcall(L, 1, 0, 0);
    return status == LUA_OK ? 0 : fail(L, status, err);
}

void state_push(lua_State *L, enum state_key key)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, state_of(L)->first_key + (int)key);
}

void state_store(lua_State *L, enum state_key key)
{
    lua_rawseti(L, LUA_REGISTRYINDEX, state_of(L)->first_key + (int)key);
}
