/* Redacts secrets in recordings: keys, tokens, passwords, private keys, decrypted texts, and the
 * contents of environment variables and user data. It finds them by name, as all protocols of AWS
 * name their values (members of JSON, elements of XML, fields of forms and queries), and by the
 * marks in the API's model if the request's operation is known. Serves recorded_exchange; calls
 * value. */
#ifndef NET_RECORDING_REDACTION_H
#define NET_RECORDING_REDACTION_H

#include <stddef.h>

#include "base/buf.h"

struct redaction;

/* Appends a body. If it holds no secret, it is copied byte for byte. */
void redaction_body(const struct redaction *redaction, struct buf *out, const char *body,
                    size_t length);

#endif
