/* Reads the parts of the JSON that AWS usually sends: printable ASCII with simple escapes, integers
 * of up to 18 digits. Both fast readers, json_plain here and convert_json of the bindings, are made
 * of these functions; what they refuse is left to jansson. Calls json_run. */
#ifndef VALUE_JSON_SCAN_H
#define VALUE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_SCAN_DEPTH 64 /* both readers leave deeper nesting to jansson */

struct json_scan {
    const char *at, *end; /* what has not been read yet */
};

/* A string as it is written, without the quotes. */
struct json_slice {
    const char *text;
    size_t length;
    size_t escapes; /* each is two bytes, and stands for one */
};

void json_scan_blanks(struct json_scan *scan);
/* Reads this character, after white space. */
bool json_scan_take(struct json_scan *scan, char c);
/* These read at `at`, which is before `end`, and return false if that is not what they read. */
bool json_scan_text(struct json_scan *scan, struct json_slice *slice); /* after the quote */
bool json_scan_integer(struct json_scan *scan, int64_t *number);
bool json_scan_word(struct json_scan *scan, const char *word);

/* Writes the length - escapes bytes that the string stands for. */
void json_scan_unescape(const struct json_slice *slice, char *out);

#endif
