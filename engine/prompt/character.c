#include "prompt/character.h"

#include <stdbool.h>
#include <stdint.h>

#include "base/clean_text.h"

struct range {
    uint32_t first, last;
};

/* Unicode: combining marks, joiners and variation selectors of the scripts that people write in. */
static const struct range no_column[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd},   {0x0610, 0x061a},   {0x064b, 0x065f},
    {0x0900, 0x0902}, {0x093c, 0x093c}, {0x0941, 0x0948},   {0x094d, 0x094d},   {0x0e31, 0x0e31},
    {0x0e34, 0x0e3a}, {0x0e47, 0x0e4e}, {0x1ab0, 0x1aff},   {0x1dc0, 0x1dff},   {0x200b, 0x200d},
    {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0x1f3fb, 0x1f3ff}, {0xe0100, 0xe01ef},
};

/* Unicode, EastAsianWidth: wide and full-width characters, and emoji. */
static const struct range two_columns[] = {
    {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0x33ff},   {0x3400, 0x4dbf},
    {0x4e00, 0x9fff},   {0xa000, 0xa4cf},   {0xa960, 0xa97f},   {0xac00, 0xd7a3},
    {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},
    {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
};

#define IN(ranges, point) is_in(ranges, sizeof(ranges) / sizeof *(ranges), point)

static bool is_in(const struct range *ranges, size_t count, uint32_t point)
{
    for (size_t i = 0; i < count && ranges[i].first <= point; i++) {
        if (point <= ranges[i].last)
            return true;
    }
    return false;
}

static size_t step(const char *text, size_t length, size_t at, uint32_t *point)
{
    *point = 0;
    size_t size = text_decode(text + at, length - at, point);
    return size > 0 ? size : 1;
}

size_t character_next(const char *text, size_t length, size_t at)
{
    uint32_t point;
    if (at >= length)
        return length;
    at += step(text, length, at, &point);
    while (at < length) {
        size_t size = step(text, length, at, &point);
        if (!IN(no_column, point))
            break;
        at += size;
    }
    return at;
}

size_t character_before(const char *text, size_t length, size_t at)
{
    size_t start = 0;
    for (size_t next = 0; next < at; next = character_next(text, length, next))
        start = next;
    return start;
}

size_t character_columns(const char *text, size_t length, size_t at, size_t end)
{
    uint32_t point;
    if (at >= end)
        return 0;
    step(text, length, at, &point);
    return IN(two_columns, point) ? 2 : 1;
}
