#include "bindings/vm/box.h"

#include <lauxlib.h>

#include "base/mem.h"
#include "bindings/vm/closer.h"
#include "bindings/vm/state.h"

struct box {
    struct closer closer; /* in the list of its state */
    struct state *state;
    json_t *value;
    size_t held; /* counted as the state's memory */
};

static void let_go(struct box *box)
{
    json_decref(box->value);
    state_let_go(box->state, box->held);
    box->value = NULL;
    box->held = 0;
}

static void free_box(struct closer *closer)
{
    struct box *box = (struct box *)closer;
    let_go(box);
    mem_free(box);
}

json_t **box_push(lua_State *L)
{
    struct state *state = state_of(L);
    struct box **handle = lua_newuserdatauv(L, sizeof *handle, 0);
    struct box *box = *handle = mem_alloc(sizeof *box);
    box->state = state;
    closer_add(&state->closers, &box->closer, free_box);
    state_push(L, STATE_BOX);
    lua_setmetatable(L, -2);
    return &box->value;
}

json_t *box_value(lua_State *L, int index)
{
    struct box *const *handle = lua_touserdata(L, index);
    return (*handle)->value;
}

void box_hold(lua_State *L, int index)
{
    struct box *const *handle = lua_touserdata(L, index);
    size_t bytes = state_of(L)->taken;
    if (!state_hold(state_of(L), bytes))
        luaL_error(L, "not enough memory");
    (*handle)->held += bytes;
}

void box_empty(lua_State *L, int index)
{
    struct box *const *handle = lua_touserdata(L, index);
    let_go(*handle);
}

static int box_collected(lua_State *L)
{
    struct box *const *handle = lua_touserdata(L, 1);
    closer_remove(&(*handle)->closer);
    free_box(&(*handle)->closer);
    return 0;
}

static const luaL_Reg metamethods[] = {{"__gc", box_collected}, {NULL, NULL}};

void box_open(lua_State *L)
{
    luaL_newlib(L, metamethods);
    state_store(L, STATE_BOX);
}
