/* The states that a fix goes through, distinguished by the digests of their parts. A helper of the
 * gate; pure. */
#ifndef CHANGE_GATE_STATES_H
#define CHANGE_GATE_STATES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The names of all parts that any of these states has, to be read again: new array. */
json_t *gate_parts(const json_t *before, const json_t *steps);
/* Are these parts equal in both states? A part that only one state has is a difference. A NULL
 * state equals no other. */
bool gate_same_state(const json_t *parts, const json_t *one, const json_t *other);

/* The digests of the state that an audit found, borrowed. NULL if a part could not be read, because
 * it could be mistaken for a part that does not exist. outcome may be NULL. */
const json_t *gate_state_found(const json_t *outcome);

/* A fix that its journal describes and that is to be undone. */
struct gate_history {
    const json_t *fix; /* borrowed */
    const json_t *reads;
    json_t *parts; /* names of those that are compared */
    bool tags;     /* the tags are: the fix may set them. If not, anyone may have, at any time */
    size_t made;   /* steps that may have been made, counted from the first */
    /* Wall time of the last call if its result has not been read yet. Until the call must have had
     * its effect, a state from before it is not trusted. 0: all results are known. */
    int64_t called_ms;
    const json_t *awaited; /* the state after that call; NULL: not known */
};

/* False if the journal lacks facts that undo needs. `reads`: the names of the parts that the policy
 * reads on first use, borrowed; NULL: none. */
bool gate_history_init(struct gate_history *history, const json_t *fix, const json_t *reads);
void gate_history_clear(struct gate_history *history);
/* The state before the step of that number, counted from 0; borrowed, NULL if not known. */
const json_t *gate_history_state(const struct gate_history *history, size_t step);
/* Is what was found that state of the fix? */
bool gate_history_is(const struct gate_history *history, const json_t *found, const json_t *state);
/* How many steps have been made in that state; -1 if it is not a state of this fix. */
int gate_history_find(const struct gate_history *history, const json_t *found);
/* The names of the parts that differ from that state of the fix, or from the nearest one (NULL),
 * separated by commas. mem_free. */
char *gate_history_differing(const struct gate_history *history, const json_t *found,
                             const json_t *state);
/* How many of the first `count` steps stay for good, because the last of them cannot be undone.
 * *why is the reason, and NULL if all can be undone. */
size_t gate_history_bound(const struct gate_history *history, size_t count, const char **why);

#endif
