/* Decides what a session may sign, before every request. Serves client_call.c
 * and shared_reads.c. */
#ifndef AWS_CLIENT_CLIENT_PERMIT_H
#define AWS_CLIENT_CLIENT_PERMIT_H

#include "aws/client/client.h"

/* Does the operation change nothing? For policies: a reviewed read, or one that the policy declares
 * with a reason. For an operator's script: an operation whose name is that of a read. */
bool client_is_read(const struct session *session, const char *service, const char *operation);
/* Does the result go to a policy, so that secrets must be redacted? */
bool client_redacts(const struct session *session);
/* May this session sign this operation? */
int client_permit(const struct session *session, const char *service, const char *operation,
                  struct err *err);

#endif
