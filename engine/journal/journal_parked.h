/* Fixes of a long journal, as text in a temporary file: in memory a parked fix has only its name,
 * and the name of the fix that it undoes. Serves journal and journal_read; calls spool. */
#ifndef JOURNAL_JOURNAL_PARKED_H
#define JOURNAL_JOURNAL_PARKED_H

#include <jansson.h>

struct parked;
struct parked *parked_new(void);
void parked_free(struct parked *parked);
/* If the file cannot be written, the fix stays as it is. */
void parked_put(struct parked *parked, json_t *fix);
/* The whole fix: a new reference. If it cannot be read again, it has "damage" (journal_fixes). */
json_t *parked_get(const struct parked *parked, json_t *fix);
/* The fix is whole again. NULL: nothing is parked. */
void parked_restore(const struct parked *parked, json_t *fix);

#endif
