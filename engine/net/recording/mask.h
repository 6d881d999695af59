/* Takes secrets out of what is recorded: keys, tokens, passwords, private keys, decrypted texts,
 * what stands in environments and user data. By name, since that is how every protocol of AWS tells
 * them: members of JSON, elements of XML, fields of forms and queries; and by what the API's model
 * marks, where the request says whose it is. Serves exchange; calls value. */
#ifndef NET_RECORDING_MASK_H
#define NET_RECORDING_MASK_H

#include <stddef.h>

#include "base/buf.h"

struct mask;

/* Appends a body. What holds no secret stays as it is, byte for byte. */
void mask_body(const struct mask *mask, struct buf *out, const char *body, size_t length);

#endif
