/* The lines that were typed, oldest first: in memory, and in a file that only its owner can read.
 * Serves prompt; calls base. A line that starts with white space, is very long, or equals the last
 * one is not kept. A file that cannot be read or written is no error, except that history_new says
 * why. */
#ifndef PROMPT_HISTORY_H
#define PROMPT_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define HISTORY_LINES 1000 /* kept in the file */

struct history;

/* `path` NULL: in memory only. Its folder is made if it does not exist. Never NULL; err says why
 * the file cannot be used. */
struct history *history_new(const char *path, struct err *err);
void history_free(struct history *history);

/* A line that begins with a space is not kept, nor is what continues its statement; `further`: the
 * line continues the statement of the line before. */
void history_add(struct history *history, const char *text, bool further);

/* The next line before (or after) position *at that begins with the first `length` bytes of `start`
 * and is not `start` itself; moves *at to it. NULL, and *at is unchanged: there is none. Positions
 * count from 0, the oldest line, to history_count, the line being typed. */
const char *history_before(const struct history *history, size_t *at, const char *start,
                           size_t length);
const char *history_after(const struct history *history, size_t *at, const char *start,
                          size_t length);
size_t history_count(const struct history *history);

#endif
