/* Sets of bytes as 256 bits, and a reader for Lua's classes (%a) and sets ([^a-z_]).
 *
 * Serves pattern_build.c and pattern.c; calls nothing. Values only; nothing is owned. */
#ifndef PATTERN_PATTERN_SET_H
#define PATTERN_PATTERN_SET_H

#include <stdbool.h>
#include <stdint.h>

struct pattern_set {
    uint64_t word[4];
};

static inline bool pattern_set_has(const struct pattern_set *set, unsigned char byte)
{
    return (set->word[byte >> 6] >> (byte & 63u)) & 1u;
}

/* Adds the bytes that '%' followed by the letter stands for: a class, or the letter itself. */
void pattern_set_add_escape(struct pattern_set *set, unsigned char letter);

/* Whether '%' followed by the letter is a class of several bytes. */
bool pattern_set_is_class(unsigned char letter);

/* Finds the ']' that ends the set whose '[' is at text, or NULL if there is none before end. */
const unsigned char *pattern_set_end(const unsigned char *text, const unsigned char *end);

/* Reads the set between its '[' at text and its ']' at close. */
void pattern_set_read(struct pattern_set *set, const unsigned char *text,
                      const unsigned char *close);

#endif
