/* A transport that answers from recordings (net/recording/record.h) and knows no network: --replay.
 * The same request gets the answers that it got, in their order, and the last one again when it is
 * asked more often; answers after which it was asked again anyway (throttling, no answer) are left
 * out.
 *
 * Answers come in the order of the recording as far as their requests are there, one in each turn
 * of the loop: so what a run prints as it goes comes in the same order too. */
#ifndef NET_RECORDING_REPLAY_H
#define NET_RECORDING_REPLAY_H

#include <stdint.h>

#include "base/err.h"
#include "net/http/http.h"
#include "net/loop/loop.h"

struct replay;
/* Reads all recordings of DIR; that of `command` comes first. ERR_USAGE when there is none,
 * ERR_PARSE naming file and line when one cannot be understood. */
struct replay *replay_open(struct loop *loop, const char *dir, const char *command,
                           struct err *err);
void replay_free(struct replay *replay);

/* When the recording began: of this command, else the first. */
int64_t replay_clock_ms(const struct replay *replay);
/* What is not there, and every change, is ERR_IO naming the request: it is never tried again. */
struct http_transport replay_transport(struct replay *replay);

#endif
