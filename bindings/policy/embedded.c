#include "bindings/policy/embedded.h"

#include "bindings/vm/chunks.h"
#include "bindings/vm/host.h"
#include "bindings/vm/state.h"

void embedded_run(lua_State *L, const struct embedded *files, size_t count, int core)
{
    for (size_t i = 0; i < count; i++) {
        chunks_load(host_chunks(state_of(L)->host), L, (const char *)files[i].text,
                    *files[i].length, files[i].name);
        lua_pushvalue(L, core);
        lua_pushvalue(L, -3);
        lua_call(L, 2, 0);
    }
}
