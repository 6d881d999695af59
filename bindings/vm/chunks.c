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
    char *own;                 /* the text, if it is not built in */
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
        mem_free(file->own);
        mem_free(file->path);
        mem_free(file);
    }
    mem_free(chunks);
}

/* ---- what is built in ---- */

/* The version of Lua, then the number of records, the records, and what they refer to. All integers
 * are those of the machine: Lua refuses the bytecode of a machine with others. */
struct head {
    char lua[252];
    uint32_t count;
};

struct record {
    char digest[64]; /* of the text */
    uint32_t name, text, text_length, code, code_length;
};

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

static bool has_bytes(const struct chunks_code *built, uint32_t at, uint32_t length)
{
    return at <= built->length && length <= built->length - at;
}

/* The text is compared as a whole: that takes less time than its digest. */
static bool is_text(const struct record *record, const struct chunks_code *built, const char *text,
                    size_t length)
{
    const char *own = (const char *)built->bytes + record->text;
    return record->text_length == length && has_bytes(built, record->text, record->text_length) &&
           (own == text || memcmp(own, text, length) == 0);
}

static bool is_name(const struct record *record, const struct chunks_code *built, const char *name)
{
    uint32_t length = (uint32_t)strlen(name) + 1;
    return has_bytes(built, record->name, length) &&
           memcmp(built->bytes + record->name, name, length) == 0;
}

/* The record of this text (and name, if there is one) that has code. */
static bool find_built(const struct chunks_code *built, const char *text, size_t length,
                       const char *name, struct record *record)
{
    uint32_t count = count_built(built);
    for (uint32_t i = 0; i < count; i++) {
        memcpy(record, built->bytes + sizeof(struct head) + i * sizeof *record, sizeof *record);
        if (is_text(record, built, text, length) &&
            has_bytes(built, record->code, record->code_length) &&
            (name == NULL || is_name(record, built, name)))
            return true;
    }
    return false;
}

/* ---- files ---- */

static struct file *find_file(const struct chunks *chunks, const char *path)
{
    struct file *file = chunks->files;
    while (file != NULL && strcmp(file->path, path) != 0)
        file = file->next;
    return file;
}

static struct file *add_file(struct chunks *chunks, const char *path)
{
    struct file *file = mem_alloc(sizeof *file);
    file->path = mem_strdup(path);
    file->next = chunks->files;
    chunks->files = file;
    return file;
}

/* A text that is built in is not kept twice. It is freed at once, so that the next file is read
 * into the same memory. */
static struct file *add_text(struct chunks *chunks, const char *path, char *text, size_t length)
{
    struct record record;
    struct file *file;
    if (!find_built(&chunks->built, text, length, NULL, &record)) {
        file = add_file(chunks, path);
        file->source = (struct source_text){.text = text, .length = length};
        file->own = text;
        return file;
    }
    mem_free(text);
    file = add_file(chunks, path);
    file->source.text = (const char *)chunks->built.bytes + record.text;
    file->source.length = length;
    memcpy(file->source.digest, record.digest, sizeof record.digest);
    return file;
}

bool chunks_has_file(struct chunks *chunks, const char *path)
{
    const struct file *file = find_file(chunks, path);
    if (file != NULL)
        return file->source.text != NULL;
    if (access(path, F_OK) == 0)
        return true;
    add_file(chunks, path);
    return false;
}

struct source_text *chunks_read(struct chunks *chunks, const char *path, size_t max)
{
    struct file *file = find_file(chunks, path);
    size_t length;
    if (file == NULL) {
        char *text = file_read(path, max, &length);
        return text != NULL ? &add_text(chunks, path, text, length)->source : NULL;
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

/* ---- writing ---- */

static void digest_of(const struct chunks *chunks, const char *text, size_t length,
                      char hex[SHA256_HEX])
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

static void write_records(const struct chunks *chunks, size_t at, struct buf *out)
{
    for (const struct chunk *chunk = chunks->first; chunk != NULL; chunk = chunk->next) {
        char digest[SHA256_HEX];
        struct record record = {.name = (uint32_t)at,
                                .text_length = (uint32_t)chunk->length,
                                .code_length = (uint32_t)chunk->code_length};
        record.text = record.name + (uint32_t)strlen(chunk->name) + 1;
        record.code = record.text + record.text_length;
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
        buf_add(out, chunk->text, chunk->length);
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
    struct record record;
    struct chunk *chunk = mem_alloc(sizeof *chunk);
    *chunk = (struct chunk){.name = mem_strdup(name), .text = text, .length = length};
    buf_init(&chunk->own, MAX_CODE);
    *chunks->last = chunk;
    chunks->last = &chunk->next;
    if (find_built(&chunks->built, text, length, name, &record)) {
        chunk->code = (const char *)chunks->built.bytes + record.code;
        chunk->code_length = record.code_length;
    }
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
