#include "bindings/script/script_search.h"

#include <dirent.h>
#include <lauxlib.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/suggest.h"
#include "base/text_list.h"

#define PREFIX "lib."
#define SUFFIX ".lua"
#define MAX_TEXT 16384

static int is_module(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name), end = strlen(SUFFIX);
    return length > end && strcmp(entry->d_name + length - end, SUFFIX) == 0;
}

static void add_folder(const char *folder, struct text_list *names)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_module, alphasort);
    for (int i = 0; i < count; i++) {
        const char *file = entries[i]->d_name;
        char *name = mem_printf(PREFIX "%.*s", (int)(strlen(file) - strlen(SUFFIX)), file);
        if (!text_list_has(names, name))
            text_list_add(names, name);
        mem_free(name);
        free(entries[i]);
    }
    free(entries);
}

static void list_names(const char *folders, struct text_list *names)
{
    while (folders != NULL && *folders != '\0') {
        size_t length = strcspn(folders, ":");
        char *folder = mem_strndup(folders, length);
        add_folder(folder, names);
        mem_free(folder);
        folders += length + (folders[length] == ':');
    }
}

/* The near name, or else all names. */
static void add_names(const struct text_list *names, const char *wrong, struct buf *out)
{
    char hint[SUGGEST_TEXT];
    suggest_among(wrong, (const char *const *)names->items, names->count, hint);
    buf_adds(out, hint);
    for (size_t i = 0; i < names->count && hint[0] == '\0'; i++)
        buf_addf(out, "%s%s", i > 0 ? ", " : ". There are: ", names->items[i]);
}

static void push_refusal(lua_State *L, const char *name, const char *folders)
{
    struct text_list names = {0};
    struct buf out;
    buf_init(&out, MAX_TEXT);
    luaL_where(L, 2); /* the script; level 1 is require */
    buf_addf(&out, "%sthere is no module \"%.100s\" in the script's folder or in %s",
             lua_tostring(L, -1), name, folders != NULL ? folders : "a policies directory");
    list_names(folders, &names);
    if (strcmp(name, PREFIX "none") == 0)
        buf_adds(&out, ": only policies have it, for a part of the state that is to be removed");
    else
        add_names(&names, name, &out);
    text_list_clear(&names);
    lua_pushstring(L, buf_text(&out));
    buf_clear(&out);
}

/* The last searcher of `require`. Upvalues: the folders, or nil; the searchers. */
static int search(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    lua_rawgeti(L, lua_upvalueindex(2), (lua_Integer)lua_rawlen(L, lua_upvalueindex(2)));
    bool last = lua_tocfunction(L, -1) == search; /* no: the script has added others */
    if (!last || strncmp(name, PREFIX, strlen(PREFIX)) != 0)
        return 0;
    push_refusal(L, name, lua_tostring(L, lua_upvalueindex(1)));
    return lua_error(L);
}

void script_search_open(lua_State *L, const char *folders)
{
    lua_getglobal(L, "package");
    lua_getfield(L, -1, "searchers");
    lua_pushstring(L, folders);
    lua_pushvalue(L, -2);
    lua_pushcclosure(L, search, 2);
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
    lua_pop(L, 2);
}
