/* Redacts secrets in XML, element by element; the rest of the document is not changed. Serves
 * mask. */
#ifndef NET_RECORDING_MASK_XML_H
#define NET_RECORDING_MASK_XML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct mask;

/* Whether the text is empty or only white space. */
bool mask_is_blank(const char *text, const char *end);
/* Appends an XML document with the texts of secret elements replaced. */
void mask_xml(const struct mask *mask, struct buf *out, const char *text, size_t size);

#endif
