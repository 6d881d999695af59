/* Where resource lines come from, one at a time, with back-pressure: nothing is read before the run
 * asks for it. Serves run; calls loop. */
#ifndef AUDIT_SOURCE_H
#define AUDIT_SOURCE_H

#include <jansson.h>
#include <stdint.h>

#include "net/loop/loop.h"
#include "policy/resource.h"

/* The callbacks of a source. Called from the loop. */
struct source_target {
    /* Takes ownership of resource. */
    void (*resource)(void *arg, struct resource *resource);
    /* The same for a resource that already has its position in the report (run_lists.h). */
    void (*reserved)(void *arg, struct resource *resource, size_t slot);
    /* A line that is not a resource; "line 12: …". The source continues. */
    void (*bad)(void *arg, const struct err *err);
    void (*end)(void *arg);
    void *arg;
    /* A line that says where a poll's list begins or ends ({"poll":"begin"}, …; poll.h). It does
     * not count as the response to a pull, and the callback must not free the source. NULL: such a
     * line is bad. */
    void (*mark)(void *arg, const json_t *line);
};

struct source {
    /* The run has room for one more resource: answer with one callback (from the loop, later). */
    void (*pull)(void *self);
    void (*free)(void *self);
    void *self;
    /* A pull is unanswered, and there may be room for a resource that had none before
     * (run_lane_has_room). NULL: the source does not look at that. */
    void (*room)(void *self);
};

/* Lines of a file descriptor (stdin): a line is at most 1 MiB; blank lines are skipped. */
struct source source_lines(struct loop *loop, int fd, const struct source_target *target);
/* One resource, then the end. Takes ownership of it. */
struct source source_single(struct loop *loop, struct resource *resource,
                            const struct source_target *target);

#endif
