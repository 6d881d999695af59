/* Lists the resources of all selected accounts, regions and types. A target (struct poll_target) is
 * one type in one account and region. Global types are listed once, in the master region. If a
 * target cannot be listed, the error goes to stderr at the end, and the other targets are still
 * listed. Targets are sorted by account, region and type. Serves app/; calls evaluator (discover),
 * line_sink and error_digest. */
#ifndef INTAKE_POLL_H
#define INTAKE_POLL_H

#include "accounts/context.h"
#include "intake/line_sink.h"
#include "intake/poll_targets.h"

/* Receives the found resources in place of lines. `place` is an index for poll_target. */
struct poll_sink {
    void (*found)(void *arg, size_t target, const struct resource *resource);
    /* `found` gets the resource with what the listing said about it. */
    bool wants_listed;
    /* Asked when a resource of the target was found, and before the next page is asked for: does
     * the listing wait before it goes on? NULL: never. */
    bool (*full)(void *arg, size_t target, enum listing_point point);
    /* Does so much wait that this target is not begun yet? The sink calls poll_go_on when this has
     * changed. NULL: never. */
    bool (*busy)(void *arg, size_t target);
    /* The target is finished; poll_error says whether the listing is complete. */
    void (*listed)(void *arg, size_t target);
    bool shows_progress; /* so that the poll shows none */
    void *arg;
};

struct poll;
/* The settings name the regions and types, the context the accounts; if it has none, `caller` is
 * the only account. ERR_USAGE: no policy has the type, or there is no region. */
struct poll *poll_new(const struct context *context, const char *caller, struct line_sink *lines,
                      struct err *err);
/* A poll with no targets yet. */
struct poll *poll_empty(const struct context *context, struct line_sink *lines);
/* Both texts must outlive the poll. */
void poll_add(struct poll *poll, const struct policy *policy, const char *account,
              const char *region);
void poll_free(struct poll *poll);
void poll_start(struct poll *poll, loop_fn done, void *arg);
/* Begins further targets, if the sink is not busy. */
void poll_go_on(struct poll *poll);
/* The same for each resource that the sink has passed on, at little cost. */
void poll_passed_on(struct poll *poll);
/* Starts no more targets; those being listed are finished. For a poll that was started. */
void poll_stop(struct poll *poll);
/* Starts no more targets, and ends those being listed: nothing more is found. `done` is not
 * called. */
void poll_cancel(struct poll *poll);
/* How many targets are being listed, and how many are finished. */
size_t poll_listing(const struct poll *poll);
size_t poll_finished(const struct poll *poll);
/* 0, or 1 if a target could not be listed. */
int poll_status(const struct poll *poll);
/* The number of targets (poll_targets) and each of them (poll_target); how many could not be
 * listed, and the first error (poll_failed); how many were not started before poll_stop
 * (poll_left). */
size_t poll_targets(const struct poll *poll);
const struct poll_target *poll_target(const struct poll *poll, size_t index);
/* Why the target could not be listed, in the form of a finding's error; NULL: it was listed, or not
 * yet. Borrowed. */
const json_t *poll_error(const struct poll *poll, size_t index);
size_t poll_failed(const struct poll *poll, struct err *first);
size_t poll_left(const struct poll *poll);

/* Call it before poll_start. */
void poll_divert(struct poll *poll, const struct poll_sink *sink);

#endif
