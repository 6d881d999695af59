/* What was changed, step by step, with the way back: one JSON object a line, written and synced
 * before the call is sent, so that a crash leaves no change that the journal does not name. Serves
 * gate (writes) and undo (reads). In Lambda the lines go to the log instead, where undo finds
 * them again: a line's JSON starts at the first {"journal":.
 *
 * A fix is a group of steps:
 *   {"journal":1,"fix":ID,"state":"begin","time","account","region","type","id","check",
 *    "before":DIGEST}
 *   {"journal":1,"fix":ID,"state":"step","step":N,"time","call","with",
 *    "undo":{…}|"irreversible":"why"}
 *   {"journal":1,"fix":ID,"state":"done","step":N}        the call was answered
 *   {"journal":1,"fix":ID,"state":"failed","step":N,"error":{…}}
 *   {"journal":1,"fix":ID,"state":"end","result":"fixed"|"failed"|"pending","after":DIGEST}
 * Each line ends in "sum": SHA-256 of the sum of the fix's line before it (nothing for the first,
 * and for "undone") and the line's canonical JSON without its sum. A line that was edited, and one
 * that is missing within a fix, is found out so. It guards against accidents, not against somebody
 * who can compute sums too: it is no signature.
 * DIGEST is the evaluator's digest of the state that the policy read; it proves that a state is the
 * one that was left, without writing the state itself down. */
#ifndef WORK_JOURNAL_H
#define WORK_JOURNAL_H

#include <jansson.h>
#include <stddef.h>

#include "base/err.h"

struct journal;
/* The file is made (mode 0600) by journal_open or the first line, appended to when it exists. path
 * NULL: lines go to the log on stdout, at most 256 KiB each. */
struct journal *journal_new(const char *path);
/* A file without a line that this journal made is removed. */
void journal_free(struct journal *journal);
/* Opens the file now, so that one that cannot be written is known before anything is changed. */
int journal_open(struct journal *journal, struct err *err);
/* Takes the line over. ERR_IO means that the change must not be made. */
int journal_write(struct journal *journal, json_t *line, struct err *err);
/* The path when something was written, NULL otherwise. */
const char *journal_written(const struct journal *journal);

/* A journal's fixes, oldest first: new array of
 * {"fix","account","region","type","id","check","before","after","result",
 *  "steps":[{"call","with","undo"|"irreversible","done":bool}…]}
 * Fixes that are marked as undone ("state":"undone") are left out, and so are the groups that took
 * them back ("undoes" in their first line). Lines without
 * the mark are passed over; a marked line that cannot be read, or whose sum does not fit, is
 * ERR_PARSE with its number. */
json_t *journal_read(const char *path, struct err *err);

#endif
