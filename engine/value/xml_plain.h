/* A part of xml.c: reads the XML that AWS usually sends, several times as fast as expat. */
#ifndef VALUE_XML_PLAIN_H
#define VALUE_XML_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

/* What a document consists of, in its order, as expat reports it. Names and values are not
 * terminated. Those that return false end the reading. */
struct xml_plain_events {
    bool (*start)(void *arg, const char *name, size_t length);
    void (*attribute)(void *arg, const char *name, size_t length, const char *value,
                      size_t value_length);
    bool (*text)(void *arg, const char *text, size_t length); /* a part of an element's text */
    void (*end)(void *arg);
};

/* True for a whole well-formed document of elements, ASCII text, the five predefined entities and
 * attributes without any. False for every other text, valid or not, or at the latest where it
 * begins to be something else: then expat must read it from the start. */
bool xml_plain(const char *text, size_t length, const struct xml_plain_events *events, void *arg);

#endif
