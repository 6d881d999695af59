/* Between script.c and the bindings that it shares with policies. */
#ifndef BINDINGS_SCRIPT_SCRIPT_INTERNAL_H
#define BINDINGS_SCRIPT_SCRIPT_INTERNAL_H

#include "aws/client/client.h"
#include "bindings/vm/state.h"

/* The operator's session in another account; NULL with err. */
const struct session *script_session(struct state *state, const char *account, struct err *err);

#endif
