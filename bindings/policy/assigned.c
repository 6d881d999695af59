#include "bindings/policy/assigned.h"

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#if LUA_VERSION_NUM != 504
#error "this file reads the bytecode of Lua 5.4: adapt it to ldump.c and lopcodes.h of your version"
#endif

/* From lopcodes.h, ldebug.h and lobject.h of Lua 5.4. */
enum { OP_SETUPVAL = 10, OP_MASK = 0x7f, ARGUMENT_B = 16, ABSOLUTE_LINE = 0x80 };
enum {
    CONSTANT_INTEGER = 0x03,
    CONSTANT_FLOAT = 0x13,
    CONSTANT_SHORT = 0x04,
    CONSTANT_LONG = 0x14
};
enum { MAX_UPVALUES = 256, MAX_DEPTH = 200, NOWHERE = -1 };

struct reader {
    const unsigned char *at, *end;
    bool broken;
    int depth;
    struct assigned *found;
    bool is_found;
};

/* The function that is being read. */
struct function {
    int line;
    const unsigned char *code;
    size_t instructions;
    bool stays[MAX_UPVALUES]; /* the upvalue belongs to the outermost function */
    size_t written;           /* the number of the instruction */
    int upvalue;              /* the upvalue that it writes, or NOWHERE */
};

static const unsigned char *skip(struct reader *reader, size_t count)
{
    const unsigned char *at = reader->at;
    if (count > (size_t)(reader->end - reader->at)) {
        reader->broken = true;
        reader->at = reader->end;
        return NULL;
    }
    reader->at += count;
    return at;
}

static int read_byte(struct reader *reader)
{
    const unsigned char *at = skip(reader, 1);
    return at != NULL ? *at : 0;
}

/* Seven bits per byte, highest first; the last byte is marked. */
static size_t read_size(struct reader *reader)
{
    size_t value = 0;
    int byte = 0;
    while (!reader->broken && (byte & 0x80) == 0) {
        byte = read_byte(reader);
        value = value << 7 | (size_t)(byte & 0x7f);
    }
    return value;
}

/* The stored length is one too large; 0: no string. */
static const char *read_string(struct reader *reader, size_t *length)
{
    size_t size = read_size(reader);
    *length = size > 0 ? size - 1 : 0;
    return (const char *)skip(reader, *length);
}

static void skip_string(struct reader *reader)
{
    size_t length;
    read_string(reader, &length);
}

static void skip_constants(struct reader *reader)
{
    for (size_t left = read_size(reader); left > 0 && !reader->broken; left--) {
        int type = read_byte(reader);
        if (type == CONSTANT_INTEGER)
            skip(reader, sizeof(lua_Integer));
        else if (type == CONSTANT_FLOAT)
            skip(reader, sizeof(lua_Number));
        else if (type == CONSTANT_SHORT || type == CONSTANT_LONG)
            skip_string(reader);
    }
}

/* If an upvalue comes from a call of the enclosing function, it is new with each call. */
static void read_upvalues(struct reader *reader, struct function *function,
                          const struct function *around)
{
    size_t count = read_size(reader);
    if (count > MAX_UPVALUES)
        reader->broken = true;
    for (size_t i = 0; i < count && !reader->broken; i++) {
        bool of_call = read_byte(reader) != 0;
        int index = read_byte(reader);
        read_byte(reader);
        function->stays[i] = around == NULL || (!of_call && around->stays[index]);
    }
}

static void find_write(struct function *function)
{
    function->upvalue = NOWHERE;
    for (size_t i = 0; i < function->instructions && function->upvalue == NOWHERE; i++) {
        uint32_t instruction;
        memcpy(&instruction, function->code + i * sizeof instruction, sizeof instruction);
        int upvalue = (int)(instruction >> ARGUMENT_B & 0xff);
        if ((instruction & OP_MASK) == OP_SETUPVAL && function->stays[upvalue]) {
            function->written = i;
            function->upvalue = upvalue;
        }
    }
}

/* The line of each instruction is the difference to the line before, or is in a separate list. */
static int read_line(struct reader *reader, const struct function *function)
{
    int line = function->line, here = function->line;
    size_t count = read_size(reader);
    const unsigned char *steps = skip(reader, count);
    size_t absolute = read_size(reader);
    for (size_t i = 0; i < count && steps != NULL; i++) {
        if (steps[i] == ABSOLUTE_LINE && absolute > 0) {
            read_size(reader); /* number of the instruction: known already */
            line = (int)read_size(reader);
            absolute--;
        } else {
            line += (signed char)steps[i];
        }
        here = i == function->written ? line : here;
    }
    if (absolute > 0)
        reader->broken = true;
    return here;
}

/* Debug information: lines, local variables, names of upvalues. */
static void read_about(struct reader *reader, const struct function *function)
{
    int line = read_line(reader, function);
    for (size_t left = read_size(reader); left > 0 && !reader->broken; left--) {
        skip_string(reader);
        read_size(reader);
        read_size(reader);
    }
    size_t count = read_size(reader), length;
    for (size_t i = 0; i < count && !reader->broken; i++) {
        const char *name = read_string(reader, &length);
        if (reader->is_found || name == NULL || (int)i != function->upvalue)
            continue;
        snprintf(reader->found->name, sizeof reader->found->name, "%.*s", (int)length, name);
        reader->found->line = line;
        reader->is_found = true;
    }
}

static void read_function(struct reader *reader, const struct function *around)
{
    struct function function = {.upvalue = NOWHERE};
    if (++reader->depth > MAX_DEPTH)
        reader->broken = true;
    skip_string(reader); /* file name */
    function.line = (int)read_size(reader);
    read_size(reader); /* the last line */
    skip(reader, 3);   /* parameters, is_vararg, registers */
    function.instructions = read_size(reader);
    if (function.instructions > (size_t)(reader->end - reader->at) / sizeof(uint32_t))
        reader->broken = true;
    if (reader->broken)
        return;
    function.code = skip(reader, function.instructions * sizeof(uint32_t));
    skip_constants(reader);
    read_upvalues(reader, &function, around);
    find_write(&function);
    for (size_t left = read_size(reader); left > 0 && !reader->broken; left--)
        read_function(reader, &function);
    read_about(reader, &function);
    reader->depth--;
}

int assigned_find(const void *code, size_t length, struct assigned *found)
{
    static const unsigned char known[] = LUA_SIGNATURE "\x54\0\x19\x93\r\n\x1a\n";
    struct reader reader = {
        .at = code, .end = (const unsigned char *)code + length, .found = found};
    const unsigned char *head = skip(&reader, sizeof known - 1);
    if (head == NULL || memcmp(head, known, sizeof known - 1) != 0)
        return -1;
    if (read_byte(&reader) != sizeof(uint32_t) || read_byte(&reader) != sizeof(lua_Integer) ||
        read_byte(&reader) != sizeof(lua_Number))
        return -1;
    skip(&reader, sizeof(lua_Integer) + sizeof(lua_Number)); /* sample numbers */
    read_byte(&reader);                                      /* number of upvalues */
    read_function(&reader, NULL);
    if (reader.broken || reader.at != reader.end)
        return -1;
    return reader.is_found ? 1 : 0;
}
