/* The Lua module "lua_lines", for tests/lint/busted_coverage.lua: counts the lines of policies that
 * run. A hook in Lua would cost several times what the lines themselves do.
 *
 * start(folder)  counts from now on the lines of the files in policies/ and in this folder. A
 *                coroutine that is created later inherits the hook.
 * write(path)    ends the count and writes "<file>:<line> <count>" for each line that ran. */
#include <lauxlib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILES 512
#define MAX_LINES 4096
#define SLOTS 1024

struct file {
    char *source;         /* as Lua names it: "@policies/sqs.lua" */
    unsigned long *lines; /* NULL: not a policy, not counted */
};

static struct file files[MAX_FILES];
static size_t file_count;
static char policies[4096]; /* "@/folder/of/policies/" */

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static struct file *add_file(lua_State *L, const char *source)
{
    if (file_count == MAX_FILES)
        luaL_error(L, "more than %d files", MAX_FILES);
    struct file *file = &files[file_count];
    file->source = strdup(source);
    bool counted = starts_with(source, "@policies/") || starts_with(source, policies);
    file->lines = counted ? calloc(MAX_LINES, sizeof *file->lines) : NULL;
    if (file->source == NULL || (counted && file->lines == NULL))
        luaL_error(L, "out of memory");
    file_count++;
    return file;
}

static struct file *look_for_file(lua_State *L, const char *source)
{
    for (size_t i = 0; i < file_count; i++) {
        if (strcmp(files[i].source, source) == 0)
            return &files[i];
    }
    return add_file(L, source);
}

/* All lines of a file usually have the same text as their source, at one address. */
static struct file *find_file(lua_State *L, const char *source)
{
    static struct file *found[SLOTS];
    struct file **slot = &found[(uintptr_t)source / 16 % SLOTS];
    if (*slot == NULL || strcmp((*slot)->source, source) != 0)
        *slot = look_for_file(L, source);
    return *slot;
}

static void count_line(lua_State *L, lua_Debug *activation)
{
    lua_getinfo(L, "S", activation);
    /* A chunk without a file: its source is its whole text. */
    if (activation->source[0] != '@')
        return;
    struct file *file = find_file(L, activation->source);
    if (file->lines == NULL)
        return;
    if (activation->currentline >= MAX_LINES)
        luaL_error(L, "%s: more than %d lines", activation->source + 1, MAX_LINES);
    file->lines[activation->currentline]++;
}

static int start(lua_State *L)
{
    snprintf(policies, sizeof policies, "@%s/", luaL_checkstring(L, 1));
    lua_sethook(L, count_line, LUA_MASKLINE, 0);
    return 0;
}

static void write_file(FILE *out, const struct file *file)
{
    for (size_t line = 0; file->lines != NULL && line < MAX_LINES; line++) {
        if (file->lines[line] > 0)
            fprintf(out, "%s:%zu %lu\n", file->source + 1, line, file->lines[line]);
    }
}

static int write_counts(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    lua_sethook(L, NULL, 0, 0);
    FILE *out = fopen(path, "w");
    if (out == NULL)
        return luaL_error(L, "%s: cannot be written", path);
    for (size_t i = 0; i < file_count; i++)
        write_file(out, &files[i]);
    if (fclose(out) != 0)
        return luaL_error(L, "%s: cannot be written", path);
    return 0;
}

static const luaL_Reg functions[] = {
    {"start", start},
    {"write", write_counts},
    {NULL, NULL},
};

int luaopen_lua_lines(lua_State *L);

int luaopen_lua_lines(lua_State *L)
{
    luaL_newlib(L, functions);
    return 1;
}
