/* --record and --replay: what stands between the engine and the network. Serves services. */
#ifndef APP_SERVICES_RECORDING_H
#define APP_SERVICES_RECORDING_H

#include "app/services/services.h"

/* The name that recordings of a command go by, of the word that stands for it: "poll", …; "single"
 * where the program's own name stands. */
const char *recording_name(const char *word);

/* Sets up the transport (and http, unless a recording is replayed), and the clock with it.
 * ERR_USAGE for what goes not together: nothing is changed or sent from a recording. */
int recording_open(struct services *services, const struct http_options *http, struct err *err);
/* In the place of the caller's credentials, which a recording does not need. */
struct creds_provider *recording_provider(void);
/* When the run is over: what could not be recorded is a failure of the run. */
void recording_finish(struct services *services);
void recording_free(struct services *services);

#endif
