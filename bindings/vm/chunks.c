#include "bindings/vm/chunks.h"

#include <ctype.h>
#include <errno.h>
#include <lauxlib.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/mem.h"

#define MAX_CODE (4u << 20) /* of one chunk */

struct file {
    struct source_text source; /* its text is NULL: there was no such file */
    char *path;
    struct file *next;
};

struct chunk {
    const char *text; /* identifies it: no two texts have the same address */
    size_t length;
    char *name;
    const char *code; /* in `own`, or built in */
    size_t code_length;
    struct buf own;
    struct chunk *next;
};

struct chunks {
    struct chunks_code built;
    struct file *files;
    struct chunk *first, **last;
};

struct chunks *chunks_new(const struct chunks_code *built)
{
    struct chunks *chunks = mem_alloc(sizeof *chunks);
    chunks->built = *built;
    chunks->last = &chunks->first;
    return chunks;
}

static void free_chunk(struct chunk *chunk)
{
    buf_clear(&chunk->own);
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

static struct file *add_file(struct chunks *chunks, const char *path, char *text, size_t length)
{
    struct file *file = mem_alloc(sizeof *file);
    *file = (struct file){.source = {.text = text, .length = length},
                          .path = mem_strdup(path),
                          .next = chunks->files};
    chunks->files = file;
    return file;
}

bool chunks_has_file(struct chunks *chunks, const char *path)
{
    const struct file *file = find_file(chunks, path);
    if (file != NULL)
        return file->source.text != NULL;
    if (access(path, F_OK) == 0)
        return true;
    add_file(chunks, path, NULL, 0);
    return false;
}

struct source_text *chunks_read(struct chunks *chunks, const char *path, size_t max)
{
    struct file *file = find_file(chunks, path);
    size_t length;
    if (file == NULL) {
        char *text = file_read(path, max, &length);
        return text != NULL ? &add_file(chunks, path, text, length)->source : NULL;
    }
    if (file->source.text != NULL)
        return &file->source;
    errno = ENOENT;
    return NULL;
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

/* ---- bytecode that is built in ---- */

/* The version of Lua, then the number of records, the records, and what they refer to. All integers
 * are those of the machine: Lua refuses the bytecode of a machine with others. */
struct head {
    char lua[252];
    uint32_t count;
};

struct record {
    char digest[64]; /* of the text */
    uint32_t name, code, code_length;
};

static void digest_of(const struct chunks *chunks, const char *text, size_t length, char hex[65])
{
    unsigned char bytes[SHA256_BYTES];
    for (struct file *file = chunks->files; file != NULL; file = file->next) {
        if (file->source.text == text) {
            memcpy(hex, chunks_digest(&file->source), SHA256_HEX);
            return;
        }
    }
    digest_sha256(text, length, bytes);
    digest_hex(bytes, sizeof bytes, hex);
}

static struct head head_of(uint32_t count)
{
    struct head head = {.count = count};
    snprintf(head.lua, sizeof head.lua, "%s", lua_ident);
    return head;
}

/* The number of records of code that this Lua can load. */
static uint32_t count_built(const struct chunks_code *built)
{
    struct head head, own = head_of(0);
    if (built->length < sizeof head)
        return 0;
    memcpy(&head, built->bytes, sizeof head);
    bool same = memcmp(head.lua, own.lua, sizeof own.lua) == 0;
    return same && head.count <= (built->length - sizeof head) / sizeof(struct record) ? head.count
                                                                                       : 0;
}

static bool is_of(const struct record *record, const struct chunks_code *built,
                  const struct chunk *chunk, const char digest[SHA256_HEX])
{
    size_t name_length = strlen(chunk->name) + 1;
    return memcmp(record->digest, digest, sizeof record->digest) == 0 &&
           record->name <= built->length && name_length <= built->length - record->name &&
           record->code <= built->length && record->code_length <= built->length - record->code &&
           memcmp(built->bytes + record->name, chunk->name, name_length) == 0;
}

/* Fills in the code of the chunk, if it is built in. */
static void find_built(const struct chunks *chunks, struct chunk *chunk)
{
    char digest[SHA256_HEX];
    const struct chunks_code *built = &chunks->built;
    uint32_t count = count_built(built);
    if (count > 0)
        digest_of(chunks, chunk->text, chunk->length, digest);
    for (uint32_t i = 0; i < count && chunk->code == NULL; i++) {
        struct record record;
        memcpy(&record, built->bytes + sizeof(struct head) + i * sizeof record, sizeof record);
        if (!is_of(&record, built, chunk, digest))
            continue;
        chunk->code = (const char *)built->bytes + record.code;
        chunk->code_length = record.code_length;
    }
}

static void write_records(const struct chunks *chunks, size_t at, struct buf *out)
{
    for (const struct chunk *chunk = chunks->first; chunk != NULL; chunk = chunk->next) {
        char digest[SHA256_HEX];
        struct record record = {.name = (uint32_t)at,
                                .code = (uint32_t)(at + strlen(chunk->name) + 1),
                                .code_length = (uint32_t)chunk->code_length};
        digest_of(chunks, chunk->text, chunk->length, digest);
        memcpy(record.digest, digest, sizeof record.digest);
        buf_add(out, &record, sizeof record);
        at = record.code + chunk->code_length;
    }
}

void chunks_write(const struct chunks *chunks, struct buf *out)
{
    uint32_t count = 0;
    for (const struct chunk *chunk = chunks->first; chunk != NULL; chunk = chunk->next)
        count++;
    struct head head = head_of(count);
    buf_add(out, &head, sizeof head);
    write_records(chunks, sizeof head + count * sizeof(struct record), out);
    for (const struct chunk *chunk = chunks->first; chunk != NULL; chunk = chunk->next) {
        buf_add(out, chunk->name, strlen(chunk->name) + 1);
        buf_add(out, chunk->code, chunk->code_length);
    }
}

/* ---- bytecode ---- */

static struct chunk *find(const struct chunks *chunks, const char *text, const char *name)
{
    struct chunk *chunk = chunks->first;
    while (chunk != NULL && (chunk->text != text || strcmp(chunk->name, name) != 0))
        chunk = chunk->next;
    return chunk;
}

/* Adds a text, without its code if that is not built in. */
static struct chunk *add(struct chunks *chunks, const char *text, size_t length, const char *name)
{
    struct chunk *chunk = mem_alloc(sizeof *chunk);
    *chunk = (struct chunk){.name = mem_strdup(name), .text = text, .length = length};
    buf_init(&chunk->own, MAX_CODE);
    *chunks->last = chunk;
    chunks->last = &chunk->next;
    find_built(chunks, chunk);
    return chunk;
}

static int write_code(lua_State *L, const void *bytes, size_t length, void *arg)
{
    (void)L;
    return buf_add(arg, bytes, length);
}

/* Keeps the debug information: errors need line numbers. What is too long is compiled each time. */
static void keep(struct chunk *chunk, lua_State *L)
{
    if (lua_dump(L, write_code, &chunk->own, 0) != 0) {
        buf_clear(&chunk->own);
        return;
    }
    chunk->code = chunk->own.data;
    chunk->code_length = chunk->own.len;
}

/* Words after which no field of a table begins. */
static bool ends_table(const char *token)
{
    static const char *const words[] = {"end'", "else'", "elseif'", "until'",  "then'",  "do'",
                                        "in'",  "if'",   "for'",    "while'",  "local'", "return'",
                                        "or'",  "and'",  "goto'",   "repeat'", "break'", NULL};
    for (const char *const *word = words; *word != NULL; word++) {
        if (strcmp(token, *word) == 0)
            return true;
    }
    return false;
}

/* Adds to the message on top what a person would see, if Lua stopped at a field of a table. */
static void explain_syntax(lua_State *L)
{
    const char *text = lua_tostring(L, -1);
    const char *brace = text != NULL ? strstr(text, ": '}' expected") : NULL;
    const char *near = brace != NULL ? strstr(brace, " near '") : NULL;
    if (near == NULL)
        return;
    const char *token = near + strlen(" near '");
    bool begins = strchr("{['\"_", token[0]) != NULL || isalnum((unsigned char)token[0]);
    if (!begins || ends_table(token))
        return;
    lua_pushliteral(L, ": is a comma missing before it?");
    lua_concat(L, 2);
}

void chunks_load(struct chunks *chunks, lua_State *L, const char *text, size_t length,
                 const char *name)
{
    struct chunk *chunk = find(chunks, text, name);
    if (chunk == NULL)
        chunk = add(chunks, text, length, name);
    int status = chunk->code != NULL
                     ? luaL_loadbufferx(L, chunk->code, chunk->code_length, name, "b")
                     : luaL_loadbufferx(L, text, length, name, "t");
    if (status != LUA_OK) {
        explain_syntax(L);
        lua_error(L);
    }
    if (chunk->code == NULL)
        keep(chunk, L);
}
