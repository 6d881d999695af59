/* The found resources of a scan that wait for their audits (base/store: what does not fit into a
 * little memory is in a temporary file). Those of one target in one region are a queue: buckets are
 * listed in one region and are in many. Queues take turns. Counts them by target and by account, so
 * that scan can give each account its share. Of each target only the first FOUND_LINES_COUNTED
 * lines count for its account: a listing hands over a whole page, and a target of which a thousand
 * lines wait needs no more of the audits than one of which a few do. Serves scan. */
#ifndef INTAKE_FOUND_LINES_H
#define INTAKE_FOUND_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "intake/poll_targets.h"

#define FOUND_LINES_COUNTED 64

struct found_lines;
/* The targets must outlive the lines; those of one account stand together. */
struct found_lines *found_lines_new(const struct poll_target *targets, size_t count);
void found_lines_free(struct found_lines *lines);
/* region: of the resource. */
void found_lines_put(struct found_lines *lines, size_t target, const char *region,
                     const void *bytes, size_t length);
/* How many wait, and how many bytes; how many of that target; and of how many accounts. */
size_t found_lines_count(const struct found_lines *lines);
size_t found_lines_bytes(const struct found_lines *lines);
size_t found_lines_of(const struct found_lines *lines, size_t target);
size_t found_lines_accounts(const struct found_lines *lines);
/* Those that count: all, and of the target's account. */
size_t found_lines_counted(const struct found_lines *lines);
size_t found_lines_of_account(const struct found_lines *lines, size_t target);

/* May a line of the queue be taken? *mark is the caller's, one for each queue; at first NULL. */
typedef bool (*found_lines_may)(void *arg, size_t target, const char *region, void **mark);
/* Takes the oldest line of a queue from which one may be taken. Valid until the next call. NULL:
 * there is none, or *err says why the lines of that queue are lost. */
const void *found_lines_take(struct found_lines *lines, size_t *length, struct err *err,
                             found_lines_may may, void *arg);

#endif
