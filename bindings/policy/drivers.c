#include "bindings/policy/drivers.h"

#include "bindings/libs/lib_resource.h"
#include "bindings/policy/core.h"
#include "bindings/vm/chunks.h"
#include "bindings/vm/host_internal.h"
#include "prelude_audit_lua.h"
#include "prelude_lua.h"
#include "prelude_names_lua.h"
#include "prelude_state_lua.h"
#include "prelude_steps_lua.h"
#include "schema_checks_lua.h"
#include "schema_events_lua.h"
#include "schema_fields_lua.h"
#include "schema_lua.h"
#include "schema_names_lua.h"
#include "schema_permissions_lua.h"
#include "schema_reads_lua.h"

static void store_driver(lua_State *L, const char *name, enum state_key key)
{
    lua_getfield(L, -1, name);
    state_store(L, key);
}

/* Our Lua files, in the order in which they are run. Those of a group share a table, which they
 * fill: their arguments are `core` and that table. */
struct text {
    const unsigned char *text;
    const size_t *length;
    const char *name;
};

#define TEXT(name)                                                                                 \
    {                                                                                              \
        name##_lua, &name##_lua_len, "=" #name                                                     \
    }

static const struct text schema[] = {
    TEXT(schema_fields), TEXT(schema_permissions), TEXT(schema_reads), TEXT(schema_events),
    TEXT(schema_checks), TEXT(schema_names),       TEXT(schema),
};

static const struct text prelude[] = {
    TEXT(prelude),       TEXT(prelude_state), TEXT(prelude_steps),
    TEXT(prelude_audit), TEXT(prelude_names),
};

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* Leaves the table that they filled. */
static void run(lua_State *L, const struct text *texts, size_t count, int core)
{
    lua_newtable(L);
    for (size_t i = 0; i < count; i++) {
        const struct text *text = &texts[i];
        chunks_load(host_chunks(state_of(L)->host), L, (const char *)text->text, *text->length,
                    text->name);
        lua_pushvalue(L, core);
        lua_pushvalue(L, -3);
        lua_call(L, 2, 0);
    }
}

void drivers_open(lua_State *L)
{
    core_push(L);
    int core = lua_gettop(L);
    run(L, schema, COUNT(schema), core);
    store_driver(L, "load", STATE_LOAD);
    lua_pop(L, 1);
    run(L, prelude, COUNT(prelude), core);
    store_driver(L, "audit", STATE_AUDIT);
    store_driver(L, "discover", STATE_DISCOVER);
    store_driver(L, "event", STATE_EVENT);
    store_driver(L, "names", STATE_NAMES);
    lua_getfield(L, -1, "methods");
    lib_resource_open(L);
    lua_pop(L, 2);
}
