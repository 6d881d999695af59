/* The states that a fix goes through, told apart by the digests of their parts. gate's own helper;
 * pure. */
#ifndef CHANGE_GATE_STATES_H
#define CHANGE_GATE_STATES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Every part that one of these states has: array of names, to be read again. New. */
json_t *gate_parts(const json_t *before, const json_t *steps);
/* Have both these parts alike? A part that one has and the other lacks differs. A state that is
 * NULL is like none. */
bool gate_same_state(const json_t *parts, const json_t *one, const json_t *other);

/* The digests of the state that an audit found, borrowed; NULL where a part could not be read,
 * which could be taken for one that is not there. outcome may be NULL. */
const json_t *gate_state_found(const json_t *outcome);

/* A fix as its journal tells it, to be taken back. */
struct gate_way {
    const json_t *fix; /* borrowed */
    json_t *parts;
    size_t made; /* steps that may have been made, from the first one on */
    /* Nobody has seen yet what became of the last call, made at that wall time: until it must have
     * had its effect, a state from before it is not believed. 0: all is seen. */
    int64_t called_ms;
    const json_t *awaited; /* the state after that call; NULL: not known */
};

/* False when the journal does not say what undo needs. */
bool gate_way_init(struct gate_way *way, const json_t *fix);
void gate_way_clear(struct gate_way *way);
/* The state before the step of that number, counted from 0; borrowed, NULL where nobody knows. */
const json_t *gate_way_state(const struct gate_way *way, size_t step);
/* How many steps are made in that state; -1 where it is none of the fix's. */
int gate_way_find(const struct gate_way *way, const json_t *found);
/* How many of the first `count` steps stay for good, since the last of them cannot be undone; *why
 * says why, and is NULL where all can. */
size_t gate_way_bound(const struct gate_way *way, size_t count, const char **why);

#endif
