/* The patterns of Lua 5.4 (reference manual, section 6.4.1), with a matcher that can be stopped.
 *
 * Serves bindings/libs/lua_pattern.c; calls only the C library and does not use Lua's headers.
 *
 * A Lua pattern has no alternatives and repeats only single characters, so it is a plain sequence
 * of nodes. Which captures are open or complete at a node is known when the pattern is built.
 * Backtracking means going to the nearest repeated node on the left, which stores its own position
 * in the subject. So there is no recursion, no stack, and no memory besides the nodes, however long
 * the subject is.
 *
 * Each byte read costs about one step of a budget that the caller keeps over many calls. As in Lua,
 * a malformed pattern is an error when matching reaches the flaw, not before. Character classes are
 * those of the C locale, whatever locale the process uses.
 *
 * The caller owns all memory: the room in which a pattern is built, the budget, the subject. */
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

/* Takes steps from the budget. Returns false, and empties the budget, if it has fewer. NULL: no
 * limit. */
bool pattern_charge(struct pattern_budget *budget, uint64_t steps);

bool pattern_anchored(const struct pattern *pattern);

/* Finds the first match that starts at or after `from`. A match that ends at not_ending_at is
 * skipped (PATTERN_NOWHERE: none is). *match is only meaningful for PATTERN_MATCHED. */
enum pattern_status pattern_search(struct pattern *pattern, const char *subject, size_t len,
                                   size_t from, size_t not_ending_at, struct pattern_budget *budget,
                                   struct pattern_match *match);

/* What is wrong with the pattern, after PATTERN_MALFORMED: a text with at most one "%d" for
 * *index. */
const char *pattern_flaw(const struct pattern *pattern, int *index);

#endif
