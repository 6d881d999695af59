/* Secrets in XML, element by element: the rest of the document stays as it is. Serves mask. */
#ifndef NET_RECORDING_MASK_XML_H
#define NET_RECORDING_MASK_XML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct mask;

/* White space, or nothing. */
bool mask_is_blank(const char *text, const char *end);
/* Appends a document of XML with the texts of secret elements replaced. */
void mask_xml(const struct mask *mask, struct buf *out, const char *text, size_t size);

#endif
