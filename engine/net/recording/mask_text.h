/* Secrets in forms and queries, and what stands within texts: signatures, tokens. Serves mask and
 * exchange. */
#ifndef NET_RECORDING_MASK_TEXT_H
#define NET_RECORDING_MASK_TEXT_H

#include <stddef.h>

#include "base/buf.h"

struct mask;

/* Appends `a=b&c=d` with secret values replaced, and without what is another one every time
 * (RoleSessionName) or a shared secret that the replaying side need not know (ExternalId). */
void mask_form(const struct mask *mask, struct buf *out, const char *text, size_t length);

/* Appends a text without what signatures hold, in signed URLs and in what was signed. */
void mask_signed(struct buf *out, const char *text, size_t length);
/* Appends a text without the token, wherever it stands. */
void mask_token(struct buf *out, const char *text, size_t length, const char *token);

#endif
