/* A built pattern: a sequence of nodes that ends in NODE_DONE or NODE_FLAW.
 *
 * Shared by pattern_build.c, which writes it, and pattern.c, which walks it; no other file includes
 * it. All nodes are in the room that the caller of pattern_build gave. */
#ifndef PATTERN_PATTERN_PROGRAM_H
#define PATTERN_PATTERN_PROGRAM_H

#include "pattern/pattern.h"
#include "pattern/pattern_set.h"

enum pattern_op {
    NODE_DONE,
    NODE_ONE,      /* one unit */
    NODE_MANY,     /* unit* unit+ unit?: longest first */
    NODE_FEW,      /* unit-: shortest first */
    NODE_OPEN,     /* ( */
    NODE_CLOSE,    /* ) */
    NODE_POSITION, /* () */
    NODE_SAME,     /* %1 */
    NODE_BALANCE,  /* %bxy */
    NODE_FRONTIER, /* %f[set] */
    NODE_END,      /* $ */
    NODE_FLAW      /* matching that reaches this node is an error */
};

enum pattern_unit { UNIT_ANY, UNIT_BYTE, UNIT_SET };

enum pattern_flaw {
    FLAW_NONE,
    FLAW_PERCENT,
    FLAW_SET,
    FLAW_BALANCE,
    FLAW_FRONTIER,
    FLAW_INDEX,
    FLAW_CLOSE,
    FLAW_CAPTURES
};

struct pattern_node {
    uint8_t op;
    uint8_t unit;
    uint8_t byte;     /* UNIT_BYTE; the opening byte of NODE_BALANCE */
    uint8_t other;    /* the closing byte of NODE_BALANCE */
    uint8_t least;    /* NODE_MANY: 0 or 1 */
    uint8_t optional; /* NODE_MANY: at most one */
    uint8_t capture;  /* NODE_OPEN, CLOSE, POSITION, SAME; an enum pattern_flaw in NODE_FLAW */
    uint32_t set;     /* UNIT_SET, NODE_FRONTIER */
    uint32_t back;    /* the nearest NODE_MANY or NODE_FEW on the left, or NO_NODE */
    size_t low;       /* while matching: the earliest possible end of NODE_MANY */
    size_t at;        /* while matching: the current end of the repetition */
};

#define NO_NODE UINT32_MAX

struct pattern {
    bool anchored;
    uint8_t captures;
    uint8_t flaw;
    int flaw_index;
    uint32_t node_count;
    uint32_t set_count;
    struct pattern_set *sets;
    uint8_t kinds[PATTERN_MAX_CAPTURES];
    struct pattern_node nodes[];
};

#endif
