/* Restores the order of items that are settled in any order: findings are reported in the order of
 * the lines, the lines of a poll in the order of its targets. An item that waits for an earlier
 * place is kept in a temporary file, and so are places that stay open for long: memory does not
 * grow. Serves run and poll; calls
 * base/spool.
 *
 * Places belong to groups, which are emitted one after the other. Places may be taken while others
 * are settled. Nothing in a group is emitted before all earlier groups are closed and emitted. */
#ifndef BASE_ORDER_H
#define BASE_ORDER_H

#include <stdbool.h>
#include <stddef.h>

struct order;
/* Called for each place that was settled with bytes, in order, from within order_settle and
 * order_close. */
typedef void (*order_emit)(void *arg, const void *bytes, size_t length);
struct order *order_new(order_emit emit, void *arg);
void order_free(struct order *order);

/* Adds a group after all others. */
size_t order_group(struct order *order);
/* Takes the next place of the group; the first is 1. */
size_t order_take(struct order *order, size_t group);
/* No more places will be taken in the group. */
void order_close(struct order *order, size_t group);

/* Would the place be emitted at once? Then its owner may write its output directly, and settle the
 * place with nothing. */
bool order_is_next(const struct order *order, size_t place);
/* Call it once for each place; length 0: there is nothing to emit. */
void order_settle(struct order *order, size_t place, const void *bytes, size_t length);

/* No more items will come: emits what is settled, even if an earlier place is still open. */
void order_flush(struct order *order);

/* Did the temporary file fail? (The error was logged.) From then on items are emitted when they are
 * settled: out of order is better than lost. */
bool order_failed(const struct order *order);

#endif
