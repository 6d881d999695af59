/* The record of changes, step by step, with the inverse calls: one JSON object per line. A line is
 * written before its call is sent and, if it has an inverse, synced, so that a change can be undone
 * whatever happened to its response, the process or the disk. Serves gate (writes) and undo
 * (reads). In Lambda the lines go to the log instead, where undo finds them: the JSON of a line
 * starts at the first {"journal":.
 *
 * A fix is a group of steps:
 *   {"journal":1,"fix":ID,"state":"begin","time","account","region","type","id","check",
 *    "before":DIGESTS[,"plan":SHA-256 of the plan's file][,"undoes":ID]
 *    [,"made_by":{"engine","commit","policies","caller"}]}
 *   {"journal":1,"fix":ID,"state":"step","step":N,"time","call","with",
 *    "undo":{…}|"irreversible":"why"[,"expected":DIGESTS]}
 *   {"journal":1,"fix":ID,"state":"done","step":N[,"proven":true]}   answered, or read back
 *   {"journal":1,"fix":ID,"state":"failed","step":N,"error":{…},"refused":BOOL}
 *   {"journal":1,"fix":ID,"state":"end","result":"fixed"|"failed"|"pending"; for a group that
 *    undoes another "undone"|"failed"|"held","after":DIGESTS}
 *   {"journal":1,"fix":ID,"state":"undone"}
 * A step that was refused was not made; any other step may have been made, answered or not.
 * Each line ends with "sum": the SHA-256 of the sum of the previous line of the fix (nothing for
 * the first line, and for "undone") and of the line's canonical JSON without its sum. So an edited
 * line, or a missing line within a fix, is detected. The sum detects accidents, not forgery: it is
 * not a signature, and anyone can compute it. DIGESTS are those of the evaluator, for each part of
 * the state: before the fix, expected after a step, found at the end. They distinguish states
 * without storing the state itself. */
#ifndef JOURNAL_JOURNAL_H
#define JOURNAL_JOURNAL_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"

struct journal;
/* path NULL: lines go to the log on stdout, at most 256 KiB each. */
struct journal *journal_new(const char *path);
/* Removes a file that this process created and that has no line. */
void journal_free(struct journal *journal);
/* Who makes the changes, an object for the first line of each fix. Borrowed; it may still change.
 */
void journal_made_by(struct journal *journal, const json_t *made_by);
/* The changes belong to the plan with this digest: the journal of another plan is refused. */
void journal_of_plan(struct journal *journal, const char *digest);

/* To make changes: opens and locks the file now, so that a file that cannot be written is detected
 * before anything is changed. The file is created (mode 0600) if there is none; an existing file
 * must be a journal of the same plan, or of none. ERR_USAGE, ERR_IO. */
int journal_open(struct journal *journal, struct err *err);
/* To undo: opens and locks the file, which must exist. */
int journal_open_to_undo(struct journal *journal, struct err *err);

/* Takes ownership of the line. After an error, a call that the line announces must not be made. The
 * space for lines after a call was reserved before. */
int journal_write(struct journal *journal, json_t *line, struct err *err);
/* The path if something was written, otherwise NULL. */
const char *journal_written(const struct journal *journal);
/* Does the file hold a step with an inverse, of this run or of an earlier one, that is not undone?
 * Only if something was written. */
bool journal_undoable(const struct journal *journal);

/* The fixes in the journal, oldest first: new array of
 * {"fix","account","region","type","id","check","before","after","result",
 *  "steps":[{"call","with","undo"|"irreversible","expected","time","done":bool,"refused":bool}…],
 *  "inverse":{the last group that tried to undo it, in the same form}}
 * or, if a line is damaged, {"fix","damage":"line 3 …"} with what else is known of the fix. A
 * damaged line affects only its own fix. Fixes that are marked as undone are left out, and those of
 * which no call was made. Lines without the mark are skipped; ERR_PARSE if there are lines, but
 * none has it. */
json_t *journal_fixes(const struct journal *journal, struct err *err);
/* The same for a journal of any length: a fix may be parked in a temporary file, with only "fix" in
 * memory. journal_whole_fix returns the whole one (a new reference; damaged, if it is lost). */
json_t *journal_parked_fixes(struct journal *journal, struct err *err);
json_t *journal_whole_fix(const struct journal *journal, json_t *fix);

#endif
