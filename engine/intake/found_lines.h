/* The found resources of a scan that wait for their audits, each target's in a queue of its own
 * (base/backlog: what does not fit into a little memory is in a temporary file). Serves scan. */
#ifndef INTAKE_FOUND_LINES_H
#define INTAKE_FOUND_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct found_lines;
struct found_lines *found_lines_new(size_t targets);
void found_lines_free(struct found_lines *lines);
void found_lines_put(struct found_lines *lines, size_t target, const void *bytes, size_t length);
/* How many wait, and how many of that target. */
size_t found_lines_count(const struct found_lines *lines);
size_t found_lines_of(const struct found_lines *lines, size_t target);
/* Takes the oldest line of a target that `may` be taken from; the targets take turns. Valid until
 * the next call. NULL: there is none, or *err says why it is lost. */
const void *found_lines_take(struct found_lines *lines, size_t *length, struct err *err,
                             bool (*may)(void *arg, size_t target), void *arg);

#endif
