/* Puts what is settled in any order back into the order of its places: reports come in the order of
 * the lines, a poll's lines in the order of its places. What has to wait for an earlier place
 * waits in a temporary file, so memory stays flat. Serves run and poll; calls base/spool.
 *
 * Places stand in groups, one group after the other; the places of a group are taken while others
 * are settled. Nothing of a group is told before all groups before it are closed and told. */
#ifndef BASE_ORDER_H
#define BASE_ORDER_H

#include <stdbool.h>
#include <stddef.h>

struct order;
/* Called for each place that was settled with bytes, in order, from within order_settle and
 * order_close. */
typedef void (*order_tell)(void *arg, const void *bytes, size_t length);
struct order *order_new(order_tell tell, void *arg);
void order_free(struct order *order);

/* A new group behind all others. */
size_t order_group(struct order *order);
/* The next place of the group; from 1 on. */
size_t order_take(struct order *order, size_t group);
/* No further place is taken in the group. */
void order_close(struct order *order, size_t group);

/* Is it told at once? Then whoever has it may tell it, and settle it with nothing. */
bool order_is_next(const struct order *order, size_t place);
/* Once for each place; length 0: there is nothing to tell. */
void order_settle(struct order *order, size_t place, const void *bytes, size_t length);

/* There will be no more: what is settled is told, whatever before it is open. */
void order_flush(struct order *order);

/* The temporary file failed (it was logged). From then on all is told as it is settled: out of
 * order is better than lost. */
bool order_failed(const struct order *order);

#endif
