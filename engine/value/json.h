/* jansson's json_t is the only form of data that crosses layers. This file adds the rules that AWS
 * bodies and hostile policy documents need; the rest is jansson's own API.
 *
 * Strings may hold raw bytes (json_stringn_nocheck). Floats that JSON cannot represent are the
 * strings "NaN", "Infinity" and "-Infinity", if the API model says float. */
#ifndef VALUE_JSON_H
#define VALUE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

#define JSON_MAX_NESTING 512

/* Parses one whole text (any value). Refused with ERR_PARSE: duplicate keys, nesting beyond
 * JSON_MAX_NESTING, invalid UTF-8, trailing text; the message has the position ("line 1 column 14:
 * …"). The result is a new reference; NULL on error. */
json_t *json_parse(const char *text, size_t length, struct err *err);
/* The same for a text that is one line of a file: its errors only name the column. */
json_t *json_parse_line(const char *text, size_t length, struct err *err);

/* Appends compact JSON to `out`: keys in insertion order, integers exact, reals with 17 digits
 * shortened to the shortest form that reads back equal; bytes that are not UTF-8 become U+FFFD. -1
 * if out is full. */
int json_write(const json_t *value, struct buf *out);
/* The same as a new string (free with mem_free); canonical (sorted keys) for comparisons and
 * digests. */
char *json_text(const json_t *value);
char *json_text_canonical(const json_t *value);

/* Members by name, with a default if absent or of another type. Borrowed. */
const char *json_get_string(const json_t *object, const char *key, const char *otherwise);
bool json_get_bool(const json_t *object, const char *key, bool otherwise);
json_int_t json_get_integer(const json_t *object, const char *key, json_int_t otherwise);

/* The JSON of a whole file, at most max bytes. New reference; NULL on error (the message names the
 * path). */
json_t *json_load_path(const char *path, size_t max, struct err *err);

#endif
