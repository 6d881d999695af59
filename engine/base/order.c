#include "base/order.h"

#include <stdint.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/spool.h"

/* When a file is longer than this and the other one is empty, the other one is written. */
#define TURN_OVER (16u << 20)
/* The slots of so many places, the last ones taken, are in memory; older ones are in the file. */
#define RECENT 8192
/* Memory for so many of them at first, and then for twice as many each time: most runs of a
 * function have few lines, and the memory of a large block goes back to the system each time. */
#define FIRST_ROOM 64

enum state { EMITTED, OPEN, SETTLED };

/* An item that was settled but not emitted, or a reserved place. */
struct slot {
    uint64_t next;   /* next place of the same group, or 0 */
    uint64_t offset; /* of its bytes, in file `where` */
    uint32_t length;
    uint8_t state, where;
    uint8_t unused[2];
};

struct group {
    size_t first, last; /* places that were taken and not emitted; 0: none */
    bool closed;
};

/* The bytes of waiting items. Two files are used in turn, so that each becomes empty at times. */
struct store {
    int fd;
    uint64_t end;
    size_t live;
};

struct order {
    order_emit emit;
    void *arg;
    struct slot *recent; /* by place, modulo RECENT */
    size_t room;         /* slots that `recent` has; all of those up to the last place taken */
    int places;          /* descriptor of the older slots; -1: none yet */
    struct store stores[2];
    int store; /* index of the file that is written */
    struct group *groups;
    size_t group_count;
    size_t at; /* the group being emitted */
    size_t taken, emitted;
    bool failed;
    bool flushed; /* emit everything at once */
};

struct order *order_new(order_emit emit, void *arg)
{
    struct order *order = mem_alloc(sizeof *order);
    order->emit = emit;
    order->arg = arg;
    order->places = order->stores[0].fd = order->stores[1].fd = -1;
    return order;
}

static void close_file(int fd)
{
    if (fd >= 0)
        close(fd);
}

void order_free(struct order *order)
{
    if (order == NULL)
        return;
    close_file(order->places);
    close_file(order->stores[0].fd);
    close_file(order->stores[1].fd);
    mem_free(order->recent);
    mem_free(order->groups);
    mem_free(order);
}

bool order_failed(const struct order *order)
{
    return order->failed;
}

size_t order_group(struct order *order)
{
    size_t bytes = (order->group_count + 1) * sizeof *order->groups;
    order->groups = mem_resize(order->groups, bytes);
    order->groups[order->group_count] = (struct group){0};
    return order->group_count++;
}

/* ---- the files ---- */

static int open_file(int *fd, struct err *err)
{
    if (*fd < 0)
        *fd = spool_open(err);
    return *fd < 0 ? -1 : 0;
}

/* The slot in memory, or NULL: it is in the file. */
static struct slot *recent_slot(struct order *order, size_t place)
{
    return place + RECENT > order->taken ? &order->recent[place % RECENT] : NULL;
}

/* Makes room in memory for the place taken last: the slot that was there may still be needed. */
static int spill_slot(struct order *order, size_t place, struct err *err)
{
    const struct slot *old = &order->recent[place % RECENT];
    if (place <= RECENT || old->state == EMITTED)
        return 0;
    if (open_file(&order->places, err) != 0)
        return -1;
    return spool_write(order->places, (place - RECENT) * sizeof *old, old, sizeof *old, err);
}

static int get_slot(struct order *order, size_t place, struct slot *slot, struct err *err)
{
    const struct slot *recent = recent_slot(order, place);
    if (recent == NULL)
        return spool_read(order->places, place * sizeof *slot, slot, sizeof *slot, err);
    *slot = *recent;
    return 0;
}

static int set_next(struct order *order, size_t place, uint64_t next, struct err *err)
{
    struct slot *recent = recent_slot(order, place);
    if (recent == NULL)
        return spool_write(order->places, place * sizeof *recent + offsetof(struct slot, next),
                           &next, sizeof next, err);
    recent->next = next;
    return 0;
}

static void forget_bytes(struct store *store)
{
    if (--store->live > 0)
        return;
    spool_empty(store->fd);
    store->end = 0;
}

static int put_bytes(struct order *order, const void *bytes, size_t length, struct slot *slot,
                     struct err *err)
{
    if (order->stores[order->store].end > TURN_OVER && order->stores[1 - order->store].live == 0)
        order->store = 1 - order->store;
    struct store *store = &order->stores[order->store];
    if (open_file(&store->fd, err) != 0 ||
        spool_write(store->fd, store->end, bytes, length, err) != 0)
        return -1;
    slot->offset = store->end;
    slot->length = (uint32_t)length;
    slot->where = (uint8_t)order->store;
    store->end += length;
    store->live++;
    return 0;
}

static int emit_bytes(struct order *order, const struct slot *slot, struct err *err)
{
    struct store *store = &order->stores[slot->where];
    if (slot->length == 0)
        return 0;
    char *bytes = mem_alloc(slot->length);
    int result = spool_read(store->fd, slot->offset, bytes, slot->length, err);
    forget_bytes(store);
    if (result == 0)
        order->emit(order->arg, bytes, slot->length);
    mem_free(bytes);
    return result;
}

/* ---- when a file fails ---- */

/* Emits the settled items in the order of their places; later items are emitted when settled. */
void order_flush(struct order *order)
{
    struct err err = {0};
    struct slot slot;
    if (order->flushed)
        return;
    order->flushed = true;
    for (size_t i = order->at; i < order->group_count; i++) {
        for (size_t place = order->groups[i].first; place != 0; place = (size_t)slot.next) {
            if (get_slot(order, place, &slot, &err) != 0 || emit_bytes(order, &slot, &err) != 0) {
                log_error("a part of the report is lost: %s", err.message);
                order->failed = true;
                break;
            }
        }
    }
}

static void give_up(struct order *order, const struct err *why)
{
    if (!order->failed)
        log_error("the report will not be in the order of the lines: %s", why->message);
    order->failed = true;
    order_flush(order);
}

/* ---- taking and emitting ---- */

/* After a place was emitted: the next place of its group becomes the first. */
static void pass(struct order *order, const struct slot *slot)
{
    struct group *group = &order->groups[order->at];
    struct slot *recent = recent_slot(order, group->first);
    if (recent != NULL)
        recent->state = EMITTED;
    order->emitted++;
    group->first = (size_t)slot->next;
    if (group->first == 0)
        group->last = 0;
}

static bool find_group(struct order *order)
{
    while (order->at < order->group_count && order->groups[order->at].first == 0 &&
           order->groups[order->at].closed)
        order->at++;
    return order->at < order->group_count && order->groups[order->at].first != 0;
}

static int emit_first(struct order *order, bool *open, struct err *err)
{
    struct slot slot;
    if (get_slot(order, order->groups[order->at].first, &slot, err) != 0)
        return -1;
    *open = slot.state == OPEN;
    if (*open)
        return 0;
    pass(order, &slot);
    return emit_bytes(order, &slot, err);
}

/* Emits settled items, up to the first place that is still open. */
static void go_on(struct order *order)
{
    struct err err = {0};
    bool open = false;
    while (!order->flushed && !open && find_group(order)) {
        if (emit_first(order, &open, &err) != 0)
            give_up(order, &err);
    }
    if (!order->flushed && order->taken > 0 && order->emitted == order->taken) {
        if (order->places >= 0)
            spool_empty(order->places);
        order->taken = order->emitted = 0;
    }
}

static void make_room(struct order *order, size_t place)
{
    if (place % RECENT < order->room)
        return;
    order->room = order->room == 0 ? FIRST_ROOM : 2 * order->room;
    order->recent = mem_resize(order->recent, order->room * sizeof *order->recent);
}

static int add_place(struct order *order, const struct group *group, size_t place, struct err *err)
{
    make_room(order, place);
    if (spill_slot(order, place, err) != 0)
        return -1;
    order->recent[place % RECENT] = (struct slot){.state = OPEN};
    return group->last == 0 ? 0 : set_next(order, group->last, place, err);
}

size_t order_take(struct order *order, size_t group_index)
{
    struct err err = {0};
    struct group *group = &order->groups[group_index];
    size_t place = ++order->taken;
    if (order->flushed)
        return place;
    if (add_place(order, group, place, &err) != 0) {
        give_up(order, &err);
        return place;
    }
    group->last = place;
    if (group->first == 0)
        group->first = place;
    return place;
}

void order_close(struct order *order, size_t group)
{
    order->groups[group].closed = true;
    go_on(order);
}

bool order_is_next(const struct order *order, size_t place)
{
    return order->flushed ||
           (order->at < order->group_count && order->groups[order->at].first == place);
}

/* Stores everything except the link, which the next place writes. */
static int keep(struct order *order, size_t place, const void *bytes, size_t length,
                struct err *err)
{
    const size_t from = offsetof(struct slot, offset);
    struct slot slot = {.state = SETTLED};
    struct slot *recent = recent_slot(order, place);
    if (length > 0 && put_bytes(order, bytes, length, &slot, err) != 0)
        return -1;
    if (recent != NULL) {
        slot.next = recent->next;
        *recent = slot;
        return 0;
    }
    return spool_write(order->places, place * sizeof slot + from, (const char *)&slot + from,
                       sizeof slot - from, err);
}

static void settle_next(struct order *order, size_t place)
{
    struct err err = {0};
    struct slot slot;
    if (order->flushed)
        return;
    if (get_slot(order, place, &slot, &err) != 0) {
        give_up(order, &err);
        return;
    }
    pass(order, &slot);
    go_on(order);
}

void order_settle(struct order *order, size_t place, const void *bytes, size_t length)
{
    struct err err = {0};
    bool next = order_is_next(order, place);
    if (!next && keep(order, place, bytes, length, &err) == 0)
        return;
    if (!next)
        give_up(order, &err);
    if (length > 0)
        order->emit(order->arg, bytes, length);
    if (next)
        settle_next(order, place);
}
