/* The result of a group in a journal, as its end line ("result") and `engine undo` show it: one
 * table of names. Serves the gate, which writes it, and undo, which reads it. */
#ifndef JOURNAL_JOURNAL_RESULT_H
#define JOURNAL_JOURNAL_RESULT_H

#include <jansson.h>

enum journal_result {
    JOURNAL_OPEN, /* no end line (interrupted), or an unknown word */
    JOURNAL_FIXED,
    JOURNAL_FAILED,
    JOURNAL_PENDING, /* made, and not proven within VERIFY_SECONDS */
    JOURNAL_UNDONE,
    JOURNAL_HELD
};
const char *journal_result_name(enum journal_result result);
/* Of an object with the member "result". */
enum journal_result journal_result(const json_t *group);

#endif
