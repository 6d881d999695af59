#include "bindings/script/script_prompt.h"

#include <lauxlib.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "bindings/script/script_interrupt.h"
#include "bindings/script/script_reader.h"
#include "bindings/vm/convert_take.h"

#define CHUNK "=stdin"

/* A statement that Ctrl-C dropped; not one of Lua's statuses. */
#define DROPPED (-1)

static int load_top(lua_State *L)
{
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    return luaL_loadbufferx(L, text, length, CHUNK, "t");
}

/* An expression may be entered like a statement: its values are printed. */
static int load_expression(lua_State *L)
{
    lua_pushfstring(L, "return %s", lua_tostring(L, -1));
    int status = load_top(L);
    lua_remove(L, -2);
    if (status != LUA_OK)
        lua_pop(L, 1);
    return status == LUA_OK;
}

static int is_incomplete(lua_State *L, int status)
{
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    return status == LUA_ERRSYNTAX && length >= 5 && strcmp(text + length - 5, "<eof>") == 0;
}

/* The line on top, and further lines until the statement is complete, become a function or a
 * message. */
static int load_statement(lua_State *L, struct script_reader *reader)
{
    int status = load_top(L);
    while (is_incomplete(L, status)) {
        lua_pop(L, 1);
        enum script_read read = script_read(reader, ">> ");
        if (read != SCRIPT_READ_LINE)
            return read == SCRIPT_READ_INTERRUPT ? DROPPED : load_top(L);
        lua_pushliteral(L, "\n");
        lua_insert(L, -2);
        lua_concat(L, 3);
        status = load_top(L);
    }
    return status;
}

/* Prints a table as JSON if possible; functions and the like by their names. */
static void print_value(lua_State *L, int index)
{
    struct err err = {0};
    json_t *value =
        lua_istable(L, index) ? convert_take(L, index, CONVERT_STRICT, "value", &err) : NULL;
    if (value != NULL) {
        char *text = json_dumps(value, JSON_INDENT(2) | JSON_ENCODE_ANY);
        fputs(text != NULL ? text : "a value that is not text", stdout);
        mem_free(text);
        json_decref(value);
        return;
    }
    fputs(luaL_tolstring(L, index, NULL), stdout);
    lua_pop(L, 1);
}

static void print_values(lua_State *L, int from)
{
    int top = lua_gettop(L);
    for (int i = from; i <= top; i++) {
        fputs(i > from ? "\t" : "", stdout);
        print_value(L, i);
    }
    if (top >= from)
        fputs("\n", stdout);
    fflush(stdout);
}

/* Returns the number of a signal that came meanwhile, or 0. */
static int run_line(lua_State *L, struct script_reader *reader)
{
    int base = lua_gettop(L);
    int status = load_expression(L) ? LUA_OK : load_statement(L, reader);
    int function = lua_gettop(L);
    script_interrupt_begin();
    if (status == LUA_OK)
        status = lua_pcall(L, 0, LUA_MULTRET, 0);
    int number = script_interrupt_end();
    if (status == LUA_OK)
        print_values(L, function);
    else if (status != DROPPED)
        fprintf(stderr, "%s\n", luaL_tolstring(L, -1, NULL));
    lua_settop(L, base - 1);
    return number;
}

int script_prompt(lua_State *L, struct model_set *models)
{
    struct script_reader *reader = script_reader_new(L, models);
    enum script_read read;
    int number = 0;
    while ((number == 0 || number == SIGINT) &&
           (read = script_read(reader, "> ")) != SCRIPT_READ_END)
        number = read == SCRIPT_READ_LINE ? run_line(L, reader) : 0;
    script_reader_free(reader);
    return number == 0 || number == SIGINT ? 0 : 128 + number;
}
