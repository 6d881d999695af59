#include "bindings/vm/chunks.h"

#include <lauxlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

#define MAX_CODE (4u << 20) /* of one chunk */

struct chunk {
    char *name, *text;
    size_t length;
    struct buf code;
    struct chunk *next;
};

struct chunks {
    struct chunk *first;
};

struct chunks *chunks_new(void)
{
    return mem_alloc(sizeof(struct chunks));
}

void chunks_free(struct chunks *chunks)
{
    while (chunks != NULL && chunks->first != NULL) {
        struct chunk *chunk = chunks->first;
        chunks->first = chunk->next;
        buf_clear(&chunk->code);
        mem_free(chunk->name);
        mem_free(chunk->text);
        mem_free(chunk);
    }
    mem_free(chunks);
}

/* The text of a file may have changed: then it is another chunk. */
static const struct chunk *find(const struct chunks *chunks, const char *text, size_t length,
                                const char *name)
{
    const struct chunk *chunk = chunks->first;
    while (chunk != NULL && (chunk->length != length || strcmp(chunk->name, name) != 0 ||
                             memcmp(chunk->text, text, length) != 0))
        chunk = chunk->next;
    return chunk;
}

static int write_code(lua_State *L, const void *bytes, size_t length, void *arg)
{
    (void)L;
    return buf_add(arg, bytes, length);
}

/* Keeps the debug information: errors need line numbers. */
static void add(struct chunks *chunks, lua_State *L, const char *text, size_t length,
                const char *name)
{
    struct chunk *chunk = mem_alloc(sizeof *chunk);
    *chunk = (struct chunk){.name = mem_strdup(name),
                            .text = mem_alloc(length + 1),
                            .length = length,
                            .next = chunks->first};
    memcpy(chunk->text, text, length);
    buf_init(&chunk->code, MAX_CODE);
    chunks->first = chunk;
    if (lua_dump(L, write_code, &chunk->code, 0) == 0)
        return;
    chunks->first = chunk->next; /* too long: compiled each time */
    buf_clear(&chunk->code);
    mem_free(chunk->name);
    mem_free(chunk->text);
    mem_free(chunk);
}

void chunks_load(struct chunks *chunks, lua_State *L, const char *text, size_t length,
                 const char *name)
{
    const struct chunk *known = find(chunks, text, length, name);
    int status = known != NULL ? luaL_loadbufferx(L, known->code.data, known->code.len, name, "b")
                               : luaL_loadbufferx(L, text, length, name, "t");
    if (status != LUA_OK)
        lua_error(L);
    if (known == NULL)
        add(chunks, L, text, length, name);
}
