/* Are two bodies, queries or results the same, except for what the protocols leave open? */
#ifndef SUPPORT_PROTOCOL_COMPARE_H
#define SUPPORT_PROTOCOL_COMPARE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Numbers by value; names of headers may be in lower case. */
bool same_value(const json_t *actual, const json_t *expected);
/* JSON by value, or byte by byte if `expected` is not JSON. */
bool same_json(const char *actual, size_t length, const char *expected);
/* As trees with namespaces and attributes, without the space around texts. */
bool same_xml(const char *actual, size_t length, const char *expected);
/* As a multiset of decoded pairs. */
bool same_query(const char *actual, const char *expected);
/* Header values: lists may or may not have spaces after their commas. */
bool same_header(const char *actual, const char *expected);
/* Random UUIDs become the one that the cases expect. */
void fix_tokens(char *text);

#endif
