/* What is changed, step by step, with the way back: one JSON object a line, written before the call
 * is sent and, where it holds an inverse, synced, so that a change can be taken back whatever
 * became of its answer, the process or the disk. Serves gate (writes) and undo (reads). In Lambda
 * the lines go to the log instead, where undo finds them again: a line's JSON starts at the first
 * {"journal":.
 *
 * A fix is a group of steps:
 *   {"journal":1,"fix":ID,"state":"begin","time","account","region","type","id","check",
 *    "before":DIGESTS[,"plan":SHA-256 of the plan's file][,"undoes":ID]}
 *   {"journal":1,"fix":ID,"state":"step","step":N,"time","call","with",
 *    "undo":{…}|"irreversible":"why"[,"expected":DIGESTS]}
 *   {"journal":1,"fix":ID,"state":"done","step":N[,"proven":true]}   answered, or read back
 *   {"journal":1,"fix":ID,"state":"failed","step":N,"error":{…},"refused":BOOL}
 *   {"journal":1,"fix":ID,"state":"end","result":"fixed"|"failed"|"pending", of one that takes
 *    another back "undone"|"failed"|"held","after":DIGESTS}
 *   {"journal":1,"fix":ID,"state":"undone"}
 * A step that was refused was not made; any other may have been, answered or not.
 * Each line ends in "sum": SHA-256 of the sum of the fix's line before it (nothing for the first,
 * and for "undone") and the line's canonical JSON without its sum. A line that was edited, and one
 * that is missing within a fix, is found out so. It guards against accidents, not against somebody
 * who can compute sums too: it is no signature.
 * DIGESTS are the evaluator's, of each part of the state: before the fix, expected after a step,
 * found at the end. They tell states apart without writing the state itself down. */
#ifndef JOURNAL_JOURNAL_H
#define JOURNAL_JOURNAL_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"

struct journal;
/* path NULL: lines go to the log on stdout, at most 256 KiB each. */
struct journal *journal_new(const char *path);
/* A file that was made and has no line is removed. */
void journal_free(struct journal *journal);
/* The changes are those of the plan with this digest: the journal of another plan is not theirs. */
void journal_of_plan(struct journal *journal, const char *digest);

/* To change things: opens and locks the file now, so that one that cannot be written is known
 * before anything is changed. It is made (mode 0600) where there is none; one that is there must be
 * a journal of the same plan, or of none. ERR_USAGE, ERR_IO. */
int journal_open(struct journal *journal, struct err *err);
/* To take back: opens and locks the file, which must be there. */
int journal_open_to_undo(struct journal *journal, struct err *err);

/* Takes the line over. An error means that a call that the line announces must not be made; what
 * comes after a call has had its room reserved. */
int journal_write(struct journal *journal, json_t *line, struct err *err);
/* The path when something was written, NULL otherwise. */
const char *journal_written(const struct journal *journal);
/* Was a step written that has an inverse? */
bool journal_undoable(const struct journal *journal);

/* The fixes that the journal holds, oldest first: new array of
 * {"fix","account","region","type","id","check","before","after","result",
 *  "steps":[{"call","with","undo"|"irreversible","expected","time","done":bool,"refused":bool}…],
 *  "inverse":{the last group that was to take it back, of the same form}}
 * or, where a line is damaged, {"fix","damage":"line 3 …"} with what else is known of it. A damaged
 * line costs its own fix alone. Left out are fixes that are marked as undone, and those of which no
 * call was made. Lines without the mark are passed over; ERR_PARSE where no line has it, though
 * there are some. */
json_t *journal_fixes(const struct journal *journal, struct err *err);

#endif
