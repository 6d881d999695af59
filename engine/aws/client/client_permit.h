/* What a session may sign: the gate in front of every request. Serves client_call.c. */
#ifndef AWS_CLIENT_CLIENT_PERMIT_H
#define AWS_CLIENT_CLIENT_PERMIT_H

#include "aws/client/client.h"

/* Does it change nothing? For policies: a reviewed read, or one that the policy declares with a
 * reason. For an operator's script: named as one. */
bool client_is_read(const struct session *session, const char *service, const char *operation);
/* Is what comes back for a policy, which secrets are kept from? */
bool client_redacts(const struct session *session);
/* May this session sign this operation? */
int client_permit(const struct session *session, const char *service, const char *operation,
                  struct err *err);

#endif
