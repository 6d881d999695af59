/* A transport for --replay: it answers from recordings (net/recording/record.h), without network.
 * Equal requests get the recorded responses in their order, and then the last one again. Responses
 * after which the request was repeated (throttling, no response) are left out.
 *
 * Responses come in the order of the recording, as far as their requests have been made, one in
 * each turn of the loop. So the output of a run comes in the recorded order too. */
#ifndef NET_RECORDING_REPLAY_H
#define NET_RECORDING_REPLAY_H

#include <jansson.h>
#include <stdint.h>

#include "base/err.h"
#include "net/http/http.h"
#include "net/loop/loop.h"

struct replay;
/* Reads all recordings in DIR, that of `command` first. ERR_USAGE if there is none; ERR_PARSE with
 * file and line if one cannot be parsed. */
struct replay *replay_open(struct loop *loop, const char *dir, const char *command,
                           struct err *err);
void replay_free(struct replay *replay);

/* When the recording started: that of this command, else the first. */
int64_t replay_clock_ms(const struct replay *replay);
/* The endpoints of that recording, borrowed; NULL: it is older and does not say. */
const json_t *replay_endpoints(const struct replay *replay);
/* A request that was not recorded, and any change, fails with ERR_IO naming the request, and is not
 * retried. */
struct http_transport replay_transport(struct replay *replay);

#endif
