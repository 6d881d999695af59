/* --record and --replay: the layer between the engine and the network. Serves services. */
#ifndef APP_SERVICES_RECORDING_H
#define APP_SERVICES_RECORDING_H

#include "app/services/services.h"

/* The name that recordings use for a command: "poll", …; "single" if `word` is the program's own
 * name. */
const char *recording_name(const char *word);

/* Sets up the transport (and http, unless a recording is replayed), and the clock; a replay also
 * the settings of endpoints, in the environment and in services->profile. ERR_USAGE for
 * options that cannot be combined: nothing is changed or sent during a replay. */
int recording_open(struct services *services, const struct http_options *http, struct err *err);
/* Replaces the caller's credentials, which a replay does not need. */
struct creds_provider *recording_provider(void);
/* Call it when the run is over: if something could not be recorded, the run has failed. */
void recording_finish(struct services *services);
void recording_free(struct services *services);

#endif
