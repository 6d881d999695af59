/* Takes secrets out of what is recorded: keys, tokens, passwords, private keys, decrypted texts,
 * what stands in environments and user data. By name, since that is how every protocol of AWS tells
 * them: members of JSON, elements of XML, fields of forms and queries. Serves exchange; calls
 * value. */
#ifndef NET_MASK_H
#define NET_MASK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define MASKED "MASKED"

/* Replaces the texts of secret members, at any depth; true when there were any. */
bool mask_json(json_t *value);
/* Appends `a=b&c=d` with secret values replaced, and without what is another one every time
 * (RoleSessionName) or a shared secret that the replaying side need not know (ExternalId). */
void mask_form(struct buf *out, const char *text, size_t length);
/* Appends a body. What holds no secret stays as it is, byte for byte. `token`: the request's own
 * session token, masked wherever it stands; NULL: none. */
void mask_body(struct buf *out, const char *body, size_t length, const char *token);

#endif
