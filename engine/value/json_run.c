#include "value/json_run.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))
#define HIGH EACH(0x80)

static bool is_plain(char c)
{
    return (unsigned char)c >= ' ' && (unsigned char)c < 0x80 && c != '"' && c != '\\';
}

/* Is any of the eight bytes zero? Only right if none is above 0x7f. */
static uint64_t zero(uint64_t bytes)
{
    return (bytes - EACH(1)) & HIGH;
}

/* Eight bytes at once: subtracting borrows into the highest bit of a byte that is too small. */
static bool are_plain(const char *text)
{
    uint64_t bytes;
    memcpy(&bytes, text, sizeof bytes);
    return ((bytes | (bytes - EACH(' ')) | zero(bytes ^ EACH('"')) | zero(bytes ^ EACH('\\'))) &
            HIGH) == 0;
}

size_t json_run(const char *text, size_t length)
{
    size_t at = 0;
    while (length - at >= sizeof(uint64_t) && are_plain(text + at))
        at += sizeof(uint64_t);
    while (at < length && is_plain(text[at]))
        at++;
    return at;
}
