/* Redacts secrets in XML, element by element; the rest of the document is not changed. Serves
 * redaction. */
#ifndef NET_RECORDING_REDACTION_XML_H
#define NET_RECORDING_REDACTION_XML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct redaction;

/* Whether the text is empty or only white space. */
bool redaction_is_space(const char *text, const char *end);
/* Appends an XML document with the texts of secret elements replaced. */
void redaction_xml(const struct redaction *redaction, struct buf *out, const char *text,
                   size_t size);

#endif
