#include "pattern/pattern_set.h"

#include <stddef.h>

/* ASCII, in words of 64 bits; the C locale has no class members above 127. */
struct class_bits {
    unsigned char letter;
    uint64_t low;
    uint64_t high;
};

static const struct class_bits classes[] = {
    {'a', 0x0000000000000000, 0x07fffffe07fffffe}, /* letters */
    {'c', 0x00000000ffffffff, 0x8000000000000000}, /* control characters */
    {'d', 0x03ff000000000000, 0x0000000000000000}, /* digits */
    {'g', 0xfffffffe00000000, 0x7fffffffffffffff}, /* printing, except the space */
    {'l', 0x0000000000000000, 0x07fffffe00000000}, /* lower case */
    {'p', 0xfc00fffe00000000, 0x78000001f8000001}, /* punctuation */
    {'s', 0x0000000100003e00, 0x0000000000000000}, /* white space */
    {'u', 0x0000000000000000, 0x0000000007fffffe}, /* upper case */
    {'w', 0x03ff000000000000, 0x07fffffe07fffffe}, /* letters and digits */
    {'x', 0x03ff000000000000, 0x0000007e0000007e}, /* hexadecimal digits */
    {'z', 0x0000000000000001,
     0x0000000000000000}, /* the byte 0; undocumented since 5.2, but still supported */
};

static const unsigned char case_bit = 'a' ^ 'A';

static const struct class_bits *find_class(unsigned char letter)
{
    unsigned char lower = letter | case_bit;
    if (letter < 'A' || lower < 'a' || lower > 'z')
        return NULL;
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (classes[i].letter == lower)
            return &classes[i];
    return NULL;
}

bool pattern_set_is_class(unsigned char letter)
{
    return find_class(letter) != NULL;
}

static void add_byte(struct pattern_set *set, unsigned char byte)
{
    set->word[byte >> 6] |= UINT64_C(1) << (byte & 63u);
}

/* By words, not by bytes: a long list of ranges costs no more than its text. */
static void add_range(struct pattern_set *set, unsigned first, unsigned last)
{
    for (unsigned i = 0; i < 4; i++) {
        unsigned base = i * 64;
        if (first > base + 63 || last < base || first > last)
            continue;
        unsigned from = first > base ? first - base : 0;
        unsigned to = last < base + 63 ? last - base : 63;
        set->word[i] |= (UINT64_MAX << from) & (UINT64_MAX >> (63 - to));
    }
}

static void invert(struct pattern_set *set)
{
    for (int i = 0; i < 4; i++)
        set->word[i] = ~set->word[i];
}

void pattern_set_add_escape(struct pattern_set *set, unsigned char letter)
{
    const struct class_bits *found = find_class(letter);
    if (!found) {
        add_byte(set, letter);
        return;
    }
    struct pattern_set bits = {{found->low, found->high, 0, 0}};
    if (letter != found->letter)
        invert(&bits);
    for (int i = 0; i < 4; i++)
        set->word[i] |= bits.word[i];
}

const unsigned char *pattern_set_end(const unsigned char *text, const unsigned char *end)
{
    const unsigned char *first = text + 1;
    if (first < end && *first == '^')
        first++;
    /* A ']' in first position is a member; so is one after '%'. */
    for (const unsigned char *p = first; p < end; p++) {
        if (*p == ']' && p > first)
            return p;
        if (*p == '%')
            p++;
    }
    return NULL;
}

/* Reads one member and returns what follows it. The ends of a range are always literal. */
static const unsigned char *read_member(struct pattern_set *set, const unsigned char *p,
                                        const unsigned char *close)
{
    if (*p == '%') {
        pattern_set_add_escape(set, p[1]);
        return p + 2;
    }
    if (close - p > 2 && p[1] == '-') {
        add_range(set, p[0], p[2]);
        return p + 3;
    }
    add_byte(set, *p);
    return p + 1;
}

void pattern_set_read(struct pattern_set *set, const unsigned char *text,
                      const unsigned char *close)
{
    bool negated = text[1] == '^';
    *set = (struct pattern_set){{0, 0, 0, 0}};
    for (const unsigned char *p = text + 1 + negated; p < close;)
        p = read_member(set, p, close);
    if (negated)
        invert(set);
}
