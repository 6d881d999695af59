/* json.c's own: the JSON that AWS sends nearly always, several times as fast as jansson reads it.
 */
#ifndef VALUE_JSON_PLAIN_H
#define VALUE_JSON_PLAIN_H

#include <jansson.h>

/* What jansson would make of it, for one whole text of objects, lists, ASCII strings (without \u),
 * integers of up to 18 digits, true, false and null, not deep. NULL for anything else, right or
 * wrong: then jansson has to look. New reference. */
json_t *json_plain(const char *text, size_t length);

#endif
