#include "bindings/policy/environment.h"

#include <lauxlib.h>

#include "bindings/vm/chunks.h"
#include "bindings/vm/host.h"
#include "bindings/vm/state.h"

static void enter_environment(lua_State *L)
{
    lua_remove(L, -2);
    state_push(L, STATE_ENV);
    lua_setupvalue(L, -2, 1);
}

void environment_load(lua_State *L, const char *text, size_t length, const char *name)
{
    lua_pushfstring(L, "@%s", name);
    chunks_load(host_chunks(state_of(L)->host), L, text, length, lua_tostring(L, -1));
    enter_environment(L);
}
