/* Lists the resources of all chosen accounts, regions and types. Global types are listed once, in
 * the master region; a place that cannot be listed is told on stderr at the end, and the others go
 * on. Places stand in the order of account, region and type. Serves app/; calls evaluator
 * (discover), lines and causes. */
#ifndef INTAKE_POLL_H
#define INTAKE_POLL_H

#include "accounts/context.h"
#include "intake/lines.h"

struct poll_place {
    const char *account;
    const char *region;
    const struct policy *policy;
};

/* Where what is found goes instead of to lines. `place` is an index of poll_place. */
struct poll_sink {
    void (*found)(void *arg, size_t place, const struct resource *resource);
    /* The place is finished; poll_error says whether all of it was found. */
    void (*listed)(void *arg, size_t place);
    void *arg;
};

struct poll;
/* Which regions and types is said by the settings, which accounts by the context; where it has none
 * `caller` is the one. ERR_USAGE: a type that no policy has, or no region. */
struct poll *poll_new(const struct context *context, const char *caller, struct lines *lines,
                      struct err *err);
/* One that knows of no place yet. */
struct poll *poll_empty(const struct context *context, struct lines *lines);
/* Both texts must outlive the poll. */
void poll_add(struct poll *poll, const struct policy *policy, const char *account,
              const char *region);
void poll_free(struct poll *poll);
void poll_start(struct poll *poll, loop_fn done, void *arg);
/* Takes no further place; those being listed are finished. */
void poll_stop(struct poll *poll);
/* 0, or 1 when a place could not be listed. */
int poll_status(const struct poll *poll);
/* How many there are, each of them, how many could not be listed, and why the first could not; how
 * many were not begun before poll_stop. */
size_t poll_places(const struct poll *poll);
const struct poll_place *poll_place(const struct poll *poll, size_t index);
/* Why it could not be listed, as a finding's error says it; NULL: it was, or not yet. Borrowed. */
const json_t *poll_error(const struct poll *poll, size_t index);
size_t poll_failed(const struct poll *poll, struct err *first);
size_t poll_left(const struct poll *poll);

/* Before poll_start. Its progress is not shown then: whoever takes what is found shows his own. */
void poll_divert(struct poll *poll, const struct poll_sink *sink);

#endif
