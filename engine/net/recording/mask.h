/* Redacts secrets in recordings: keys, tokens, passwords, private keys, decrypted texts, and the
 * contents of environment variables and user data. It finds them by name, as all protocols of AWS
 * name their values (members of JSON, elements of XML, fields of forms and queries), and by the
 * marks in the API's model if the request's operation is known. Serves exchange; calls value. */
#ifndef NET_RECORDING_MASK_H
#define NET_RECORDING_MASK_H

#include <stddef.h>

#include "base/buf.h"

struct mask;

/* Appends a body. If it holds no secret, it is copied byte for byte. */
void mask_body(const struct mask *mask, struct buf *out, const char *body, size_t length);

#endif
