#include "bindings/vm/chunks.h"

#include <lauxlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/mem.h"

#define MAX_CODE (4u << 20) /* of one chunk */

struct file {
    struct source_text source;
    char *path;
    struct file *next;
};

struct chunk {
    const char *text; /* identifies it: no two texts have the same address */
    char *name;
    struct buf code;
    struct chunk *next;
};

struct chunks {
    struct file *files;
    struct chunk *first;
};

struct chunks *chunks_new(void)
{
    return mem_alloc(sizeof(struct chunks));
}

static void free_chunk(struct chunk *chunk)
{
    buf_clear(&chunk->code);
    mem_free(chunk->name);
    mem_free(chunk);
}

void chunks_free(struct chunks *chunks)
{
    while (chunks != NULL && chunks->first != NULL) {
        struct chunk *chunk = chunks->first;
        chunks->first = chunk->next;
        free_chunk(chunk);
    }
    while (chunks != NULL && chunks->files != NULL) {
        struct file *file = chunks->files;
        chunks->files = file->next;
        mem_free(file->source.text);
        mem_free(file->path);
        mem_free(file);
    }
    mem_free(chunks);
}

/* ---- files ---- */

static struct file *find_file(const struct chunks *chunks, const char *path)
{
    struct file *file = chunks->files;
    while (file != NULL && strcmp(file->path, path) != 0)
        file = file->next;
    return file;
}

bool chunks_has_read(const struct chunks *chunks, const char *path)
{
    return find_file(chunks, path) != NULL;
}

struct source_text *chunks_read(struct chunks *chunks, const char *path, size_t max)
{
    struct file *file = find_file(chunks, path);
    size_t length;
    if (file != NULL)
        return &file->source;
    char *text = file_read(path, max, &length);
    if (text == NULL)
        return NULL;
    file = mem_alloc(sizeof *file);
    *file = (struct file){.source = {.text = text, .length = length},
                          .path = mem_strdup(path),
                          .next = chunks->files};
    chunks->files = file;
    return &file->source;
}

const char *chunks_digest(struct source_text *source)
{
    unsigned char bytes[SHA256_BYTES];
    if (source->digest[0] == '\0') {
        digest_sha256(source->text, source->length, bytes);
        digest_hex(bytes, sizeof bytes, source->digest);
    }
    return source->digest;
}

/* ---- bytecode ---- */

static const struct chunk *find(const struct chunks *chunks, const char *text, const char *name)
{
    const struct chunk *chunk = chunks->first;
    while (chunk != NULL && (chunk->text != text || strcmp(chunk->name, name) != 0))
        chunk = chunk->next;
    return chunk;
}

static int write_code(lua_State *L, const void *bytes, size_t length, void *arg)
{
    (void)L;
    return buf_add(arg, bytes, length);
}

/* Keeps the debug information: errors need line numbers. */
static void add(struct chunks *chunks, lua_State *L, const char *text, const char *name)
{
    struct chunk *chunk = mem_alloc(sizeof *chunk);
    *chunk = (struct chunk){.name = mem_strdup(name), .text = text, .next = chunks->first};
    buf_init(&chunk->code, MAX_CODE);
    chunks->first = chunk;
    if (lua_dump(L, write_code, &chunk->code, 0) == 0)
        return;
    chunks->first = chunk->next; /* too long: compiled each time */
    free_chunk(chunk);
}

void chunks_load(struct chunks *chunks, lua_State *L, const char *text, size_t length,
                 const char *name)
{
    const struct chunk *known = find(chunks, text, name);
    int status = known != NULL ? luaL_loadbufferx(L, known->code.data, known->code.len, name, "b")
                               : luaL_loadbufferx(L, text, length, name, "t");
    if (status != LUA_OK)
        lua_error(L);
    if (known == NULL)
        add(chunks, L, text, name);
}
