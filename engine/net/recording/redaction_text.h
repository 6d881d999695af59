/* Redacts secrets in forms and queries, and signatures and tokens inside texts. Serves redaction
 * and recorded_exchange. */
#ifndef NET_RECORDING_REDACTION_TEXT_H
#define NET_RECORDING_REDACTION_TEXT_H

#include <stddef.h>

#include "base/buf.h"

struct redaction;

/* Appends `a=b&c=d` with secret values replaced. Leaves out values that differ every time
 * (RoleSessionName), and a shared secret that the replay need not know (ExternalId). */
void redaction_form(const struct redaction *redaction, struct buf *out, const char *text,
                    size_t length);

/* Appends a text without the signatures in signed URLs and in signed text. */
void redaction_signed(struct buf *out, const char *text, size_t length);
/* Appends a text without the token, wherever it occurs. */
void redaction_token(struct buf *out, const char *text, size_t length, const char *token);

#endif
