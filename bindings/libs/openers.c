#include "bindings/libs/openers.h"

#include <stddef.h>

#include "bindings/libs/lib_aws.h"
#include "bindings/libs/lib_json.h"
#include "bindings/libs/lib_pages.h"
#include "bindings/libs/lib_sigv4.h"
#include "bindings/libs/lib_table.h"
#include "bindings/libs/lib_uri.h"
#include "bindings/libs/shaped.h"
#include "bindings/vm/box.h"
#include "bindings/vm/convert_push.h"
#include "bindings/vm/errors.h"

static void (*const types[])(lua_State *L) = {
    errors_open, convert_open, box_open, shaped_open, lib_aws_open, lib_pages_open,
};

/* A policy gets `aws` from its resource. A script has the whole `table` of Lua. */
static const struct library {
    const char *name;
    void (*push)(lua_State *L);
    unsigned whom;
} libraries[] = {
    {"table", lib_table_push, OPENERS_POLICY},
    {"json", lib_json_push, OPENERS_POLICY | OPENERS_SCRIPT},
    {"uri", lib_uri_push, OPENERS_POLICY | OPENERS_SCRIPT},
    {"sigv4", lib_sigv4_push, OPENERS_SCRIPT},
    {"aws", lib_aws_push_here, OPENERS_SCRIPT},
};

#define COUNT(list) (sizeof(list) / sizeof *(list))

void openers_types(lua_State *L)
{
    for (size_t i = 0; i < COUNT(types); i++)
        types[i](L);
}

void openers_libraries(lua_State *L, enum openers_for whom,
                       void (*set)(lua_State *L, const char *name))
{
    for (size_t i = 0; i < COUNT(libraries); i++) {
        if ((libraries[i].whom & (unsigned)whom) == 0)
            continue;
        libraries[i].push(L);
        set(L, libraries[i].name);
    }
}
