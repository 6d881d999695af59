/* STATE_TABLE, opened for those who repair and notify. Serves the commands and the handlers. */
#ifndef APP_SERVICES_SERVICES_STATE_H
#define APP_SERVICES_SERVICES_STATE_H

#include "app/services/services.h"

/* What runs know together: STATE_TABLE, where it is set. */
int services_state(struct services *services, struct err *err);

#endif
