/*
 * The patterns of Lua 5.4 (reference manual, section 6.4.1) as a matcher that can be stopped.
 *
 * Serves bindings/libs/lua_pattern.c; calls nothing but the C library and knows nothing of Lua's
 * headers.
 *
 * A Lua pattern has no alternatives and repeats single characters only, so it is a straight row of
 * nodes: what is open or captured at a node is known when the row is built, and going back means
 * going to the nearest repeated node on the left, which holds its own place in the subject. Hence
 * no recursion, no stack, and no memory beyond the row, however long the subject is.
 *
 * Each byte looked at costs about one step of a budget that the caller keeps over many calls.
 * A malformed pattern is an error when matching arrives at the flaw, not before, as in Lua.
 * Character classes are those of the C locale, whatever locale the process runs in.
 *
 * The caller owns all memory: the room a pattern is built in, the budget, the subject.
 */
#ifndef PATTERN_PATTERN_H
#define PATTERN_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PATTERN_MAX_CAPTURES = 32, PATTERN_MAX_LENGTH = 65535 };

#define PATTERN_NOWHERE SIZE_MAX

struct pattern;

struct pattern_budget {
    uint64_t left;
};

enum pattern_status { PATTERN_MATCHED, PATTERN_NO_MATCH, PATTERN_MALFORMED, PATTERN_EXHAUSTED };

enum pattern_capture_kind { PATTERN_SPAN, PATTERN_POSITION, PATTERN_UNFINISHED };

/* Offsets into the subject, from 0. */
struct pattern_capture {
    enum pattern_capture_kind kind;
    size_t from;
    size_t to;
};

struct pattern_match {
    size_t from;
    size_t to;
    unsigned captures;
    struct pattern_capture capture[PATTERN_MAX_CAPTURES];
};

/* Takes steps from the budget; false (and an empty budget) when it holds fewer. NULL: no limit. */
bool pattern_charge(struct pattern_budget *budget, uint64_t steps);

bool pattern_anchored(const struct pattern *pattern);

/*
 * The first match that begins at or after from; a match that ends at not_ending_at is passed over
 * (PATTERN_NOWHERE: none is). Writes *match only meaningfully for PATTERN_MATCHED.
 */
enum pattern_status pattern_search(struct pattern *pattern, const char *subject, size_t len,
                                   size_t from, size_t not_ending_at, struct pattern_budget *budget,
                                   struct pattern_match *match);

/* What is wrong with the pattern, after PATTERN_MALFORMED: text with one "%d" at most for *index.
 */
const char *pattern_flaw(const struct pattern *pattern, int *index);

#endif
