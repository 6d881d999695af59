/* Where resource lines come from, one at a time, with back-pressure: nothing is read ahead of
 * what the run takes. Serves run; calls loop. */
#ifndef AUDIT_SOURCE_H
#define AUDIT_SOURCE_H

#include <jansson.h>
#include <stdint.h>

#include "net/loop/loop.h"
#include "policy/resource.h"

/* How a source tells. Called from the loop. */
struct source_target {
    /* resource is handed over. */
    void (*resource)(void *arg, struct resource *resource);
    /* The same of one that has its seat in the report already (run_lists.h). */
    void (*seated)(void *arg, struct resource *resource, size_t seat);
    /* A line that is no resource; "line 12: …". The source goes on. */
    void (*bad)(void *arg, const struct err *err);
    void (*end)(void *arg);
    void *arg;
    /* A line that says where a poll's list begins or ends ({"poll":"begin"}, …; poll.h), or NULL:
     * such a line is bad then. It answers no pull, and must not free the source. */
    void (*mark)(void *arg, const json_t *line);
    /* When set, a line is told as it came, with its number, and `resource` is never called. */
    void (*line)(void *arg, unsigned long number, const char *text, size_t length);
};

struct source {
    /* The run has room for one more: answer by one call of target (from the loop, later). */
    void (*pull)(void *self);
    void (*free)(void *self);
    void *self;
};

/* Lines of a descriptor (stdin): a line is at most 1 MiB; blank lines are passed over. */
struct source source_lines(struct loop *loop, int fd, const struct source_target *target);
/* One resource, then the end. Takes it over. */
struct source source_single(struct loop *loop, struct resource *resource,
                            const struct source_target *target);

#endif
