/* STATE_TABLE and Security Hub, opened for commands that repair and notify. Serves the commands and
 * the handlers. */
#ifndef APP_SERVICES_SERVICES_STATE_H
#define APP_SERVICES_SERVICES_STATE_H

#include "app/services/services.h"

/* Opens STATE_TABLE, which runs share, if it is set; and Security Hub, for SECURITY_HUB. */
int services_state(struct services *services, struct err *err);

#endif
