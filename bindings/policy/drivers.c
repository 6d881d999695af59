#include "bindings/policy/drivers.h"

#include "bindings/libs/lib_resource.h"
#include "bindings/policy/core.h"
#include "bindings/policy/embedded.h"
#include "bindings/vm/state.h"
#include "prelude_audit_lua.h"
#include "prelude_collect_lua.h"
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

/* In the order in which they run. */
static const struct embedded schema[] = {
    EMBEDDED(schema_fields), EMBEDDED(schema_permissions), EMBEDDED(schema_reads),
    EMBEDDED(schema_events), EMBEDDED(schema_checks),      EMBEDDED(schema_names),
    EMBEDDED(schema),
};
static const struct embedded prelude[] = {
    EMBEDDED(prelude),       EMBEDDED(prelude_state), EMBEDDED(prelude_steps),
    EMBEDDED(prelude_audit), EMBEDDED(prelude_names), EMBEDDED(prelude_collect),
};

void drivers_push_schema(lua_State *L)
{
    int core = lua_gettop(L) + 1;
    core_push(L);
    lua_newtable(L);
    state_push(L, STATE_COLLECT);
    lua_setfield(L, -2, "collect");
    embedded_run(L, schema, EMBEDDED_COUNT(schema), core);
    lua_getfield(L, -1, "load");
    lua_replace(L, core);
    lua_settop(L, core);
}

static void store_driver(lua_State *L, const char *name, enum state_key key)
{
    lua_getfield(L, -1, name);
    state_store(L, key);
}

void drivers_open(lua_State *L)
{
    core_push(L);
    int core = lua_gettop(L);
    lua_newtable(L);
    embedded_run(L, prelude, EMBEDDED_COUNT(prelude), core);
    store_driver(L, "start", STATE_START);
    store_driver(L, "collect", STATE_COLLECT);
    store_driver(L, "audit", STATE_AUDIT);
    store_driver(L, "discover", STATE_DISCOVER);
    store_driver(L, "event", STATE_EVENT);
    store_driver(L, "names", STATE_NAMES);
    store_driver(L, "data", STATE_DATA);
    lua_getfield(L, -1, "methods");
    lib_resource_open(L);
    lua_pop(L, 2);
}
