#include "base/report_text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define ELLIPSIS "\xe2\x80\xa6" /* U+2026 */

struct range {
    uint32_t first, last;
};

/* Combining marks and joiners: Unicode's general categories Mn and Me of the common blocks, and
 * U+200B to U+200D. */
static const struct range narrow[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x0610, 0x061a},
    {0x064b, 0x065f}, {0x0900, 0x0902}, {0x0e34, 0x0e3a}, {0x0e47, 0x0e4e},
    {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200d}, {0x20d0, 0x20ff},
    {0x3099, 0x309a}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xe0100, 0xe01ef},
};

/* East Asian Width W and F (UAX #11); blocks are joined if nothing else is between them. */
static const struct range wide[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x23e9, 0x23ec},   {0x2e80, 0x303e},
    {0x3041, 0xa4cf},   {0xa960, 0xa97c},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},
    {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},   {0x1f300, 0x1f64f},
    {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x1fa70, 0x1faff}, {0x20000, 0x3fffd},
};

#define HAS(ranges, point) has(ranges, sizeof(ranges) / sizeof(ranges)[0], point)

static bool has(const struct range *ranges, size_t count, uint32_t point)
{
    for (size_t i = 0; i < count; i++) {
        if (point >= ranges[i].first && point <= ranges[i].last)
            return true;
    }
    return false;
}

static size_t columns(uint32_t point)
{
    if (point < narrow[0].first)
        return 1;
    if (HAS(narrow, point))
        return 0;
    return HAS(wide, point) ? 2 : 1;
}

/* Reads one character of clean text. Returns its columns, 0 at the end. */
static size_t step(const char **at, size_t *width)
{
    uint32_t point = 0;
    if (**at == '\0')
        return 0;
    size_t taken = text_decode(*at, strnlen(*at, 4), &point);
    *at += taken > 0 ? taken : 1;
    *width = columns(point);
    return 1;
}

size_t text_width(const char *clean)
{
    size_t sum = 0, width = 0;
    while (step(&clean, &width) != 0)
        sum += width;
    return sum;
}

/* The bytes of the longest prefix that fits. */
static size_t head_bytes(const char *clean, size_t limit)
{
    const char *at = clean;
    size_t used = 0, width = 0;
    for (;;) {
        const char *before = at;
        if (step(&at, &width) == 0 || used + width > limit)
            return (size_t)(before - clean);
        used += width;
    }
}

void text_shorten(struct buf *out, const char *clean, size_t width)
{
    size_t total = text_width(clean), columns_here = 0;
    if (total <= width) {
        buf_adds(out, clean);
        return;
    }
    if (width == 0)
        return;
    size_t head = (width - 1) / 3, tail = width - 1 - head;
    buf_add(out, clean, head_bytes(clean, head));
    buf_adds(out, ELLIPSIS);
    for (size_t left = total; left > tail && *clean != '\0'; left -= columns_here)
        step(&clean, &columns_here);
    buf_adds(out, clean);
}

size_t text_break(const char *clean, size_t width)
{
    size_t fits = head_bytes(clean, width);
    if (fits == 0) { /* too wide for the column: written anyway, to make progress */
        const char *next = clean;
        step(&next, &fits);
        return (size_t)(next - clean);
    }
    if (clean[fits] == '\0' || clean[fits] == ' ')
        return fits;
    for (size_t at = fits - 1; at > fits / 2; at--) {
        if (clean[at] == ' ')
            return at;
    }
    return fits;
}
