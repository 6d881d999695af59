/* Decides which target is listed next. At most so many listings hold a slot. One that finds nothing
 * for a while waits for something: for AWS, that throttles its account, or for the audits of what
 * it has found. It gives its slot to another one, and from then on counts as slow. Accounts share
 * the number of slow listings; an account that has its share begins no more, while one of which
 * nothing is slow is begun before all others. So no account holds up another.
 *
 * Accounts are begun in the order of their targets. Decides only, by the time that the caller
 * passes in. Serves poll. */
#ifndef INTAKE_LISTING_TURNS_H
#define INTAKE_LISTING_TURNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "intake/poll_targets.h"

#define LISTING_SLOTS 64
/* A listing that has found nothing for so long is slow. */
#define LISTING_SLOW_MS 400

/* A listing in progress; its owner keeps it until listing_turns_end. */
struct listing_turn {
    struct listing_turn *next, **link; /* those that hold a slot */
    struct listing_account *account;
    int64_t moved_ms;
    bool slow;
};

struct listing_turns;
/* The targets of one account stand together. The list must outlive the turns. */
struct listing_turns *listing_turns_new(const struct poll_target_list *targets);
void listing_turns_free(struct listing_turns *turns);

/* Can the target's receiver take what is found there? */
typedef bool (*listing_may)(void *arg, size_t target);
/* The target to be listed now, if there is one. Begin it before the next call. */
bool listing_turns_next(struct listing_turns *turns, listing_may may, void *arg, size_t *target);
/* Call it for each line that was passed on; true: no target could be begun just now, and none is
 * looked for yet. A line changes little, and to look at all accounts costs more than the line. */
bool listing_turns_rest(struct listing_turns *turns);
void listing_turns_begin(struct listing_turns *turns, struct listing_turn *turn, size_t target,
                         int64_t now_ms);
/* It found something. */
void listing_turns_moved(struct listing_turn *turn, int64_t now_ms);
void listing_turns_end(struct listing_turns *turns, struct listing_turn *turn);
/* Looks which listings have become slow. Call it again and again while targets are left. */
void listing_turns_look(struct listing_turns *turns, int64_t now_ms);

/* How many targets were not begun. */
size_t listing_turns_left(const struct listing_turns *turns);
/* Begins no more. */
void listing_turns_stop(struct listing_turns *turns);

#endif
