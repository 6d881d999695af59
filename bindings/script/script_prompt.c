#include "bindings/script/script_prompt.h"

#include <lauxlib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text_list.h"
#include "bindings/script/script_interrupt.h"
#include "bindings/script/script_reader.h"
#include "bindings/vm/convert_take.h"
#include "script_locals_lua.h"

#define CHUNK "=stdin"

/* A statement that Ctrl-C dropped; not one of Lua's statuses. */
#define DROPPED (-1)

static const char keeper; /* its address is the key of script_locals.lua's function */

static void open_keeper(lua_State *L)
{
    if (luaL_loadbufferx(L, (const char *)script_locals_lua, script_locals_lua_len,
                         "=script_locals", "t") != LUA_OK)
        lua_error(L);
    lua_call(L, 0, 1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &keeper);
}

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

/* Loads the text on top once more, as one whose locals stay. */
static int load_kept(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &keeper);
    lua_insert(L, -2);
    if (lua_pcall(L, 1, 1, 0) != LUA_OK)
        return LUA_ERRRUN;
    int status = load_top(L);
    lua_remove(L, -2);
    return status;
}

/* The line on top, and further lines until the statement is complete, become a function or a
 * message. */
static int load_statement(lua_State *L, struct script_reader *reader)
{
    int status = load_top(L);
    while (is_incomplete(L, status)) {
        lua_pop(L, 1);
        enum script_read read = script_read(reader, true);
        if (read != SCRIPT_READ_LINE)
            return read == SCRIPT_READ_INTERRUPT ? DROPPED : load_top(L);
        lua_pushliteral(L, "\n");
        lua_insert(L, -2);
        lua_concat(L, 3);
        status = load_top(L);
    }
    if (status != LUA_OK)
        return status;
    lua_pop(L, 1);
    return load_kept(L);
}

/* ---- printing ---- */

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* For a table that holds functions: its names. */
static bool print_names(lua_State *L, int index)
{
    struct text_list names = {0};
    if (!lua_istable(L, index) || luaL_getmetafield(L, index, "__tostring") != LUA_TNIL)
        return false;
    for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
        if (lua_type(L, -2) == LUA_TSTRING)
            text_list_add(&names, lua_tostring(L, -2));
    }
    size_t count = names.count;
    if (count > 0)
        qsort(names.items, count, sizeof *names.items, by_name);
    for (size_t i = 0; i < count; i++)
        printf("%s%s%s", i > 0 ? ", " : "{ ", names.items[i], i + 1 < count ? "" : " }");
    text_list_clear(&names);
    return count > 0;
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
    if (print_names(L, index))
        return;
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

/* ---- words ---- */

#define HELP                                                                                       \
    "Type Lua: an expression is printed, a table as JSON. A call acts for you:\n"                  \
    "  aws.sqs:ListQueues{}       Tab completes services, operations and parameters\n"             \
    "  sts.caller()               who you are\n"                                                   \
    "  for page in aws.sqs:pages(\"ListQueues\") do print(#page.QueueUrls) end\n"                  \
    "Tab completes, Up recalls, Ctrl-C drops what was typed or stops a statement,\n"               \
    "Ctrl-D or exit ends. engine models --show sqs lists operations, and\n"                        \
    "docs/bindings.md describes aws, sts, sqs, sns, sigv4, json and uri.\n"

/* Is the line this word, as in other prompts, and no variable of that name? */
static bool is_word(lua_State *L, const char *line, const char *word)
{
    size_t length = strlen(word);
    bool same = strncmp(line, word, length) == 0 &&
                (line[length] == '\0' || strcmp(line + length, "()") == 0);
    if (!same)
        return false;
    bool unknown = lua_getglobal(L, word) == LUA_TNIL;
    lua_pop(L, 1);
    return unknown;
}

static bool is_exit(lua_State *L, const char *line)
{
    return is_word(L, line, "exit") || is_word(L, line, "quit");
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

/* False: the prompt ends. */
static bool read_line(lua_State *L, struct script_reader *reader, int *number)
{
    enum script_read read = script_read(reader, false);
    *number = 0;
    if (read != SCRIPT_READ_LINE)
        return read != SCRIPT_READ_END;
    if (is_exit(L, lua_tostring(L, -1)))
        return false;
    if (!is_word(L, lua_tostring(L, -1), "help")) {
        *number = run_line(L, reader);
        return *number == 0 || *number == SIGINT;
    }
    fputs(HELP, stdout);
    lua_pop(L, 1);
    return true;
}

int script_prompt(lua_State *L, struct model_set *models)
{
    struct script_reader *reader = script_reader_new(L, models);
    int number = 0;
    open_keeper(L);
    while (read_line(L, reader, &number)) {
    }
    script_reader_free(reader);
    return number == 0 || number == SIGINT ? 0 : 128 + number;
}
