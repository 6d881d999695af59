/* Reads recordings for a replay. Serves replay; calls recorded_exchange. */
#ifndef NET_RECORDING_REPLAY_FILE_H
#define NET_RECORDING_REPLAY_FILE_H

#include "base/err.h"

struct replay;

/* Reads the recordings into `answers` and `indexes`. */
int replay_read(struct replay *replay, const char *command, struct err *err);

#endif
