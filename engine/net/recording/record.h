/* A transport that writes down each request and its answer, without secrets, as it passes them on:
 * --record. One file for each command, DIR/COMMAND.jsonl: a head, then one line for each exchange
 * in the order of the answers. Wraps another transport; net/recording/replay.h reads what it wrote.
 *
 * Lines: {"recording":1,"command","clock_ms"}, then {"request","change","number","answer"} as
 * exchange.h says ("change" only where it is true; "number", in the order of the requests, where
 * something may be masked by which requests differ). */
#ifndef NET_RECORDING_RECORD_H
#define NET_RECORDING_RECORD_H

#include <stdint.h>

#include "base/err.h"
#include "net/http/http.h"

#define RECORDING_FORMAT 1

struct record;
/* Makes DIR (for its owner alone) when it is not there. ERR_USAGE when it holds a recording of this
 * command already. */
struct record *record_open(const char *dir, const char *command, int64_t clock_ms,
                           const struct http_transport *inner, struct err *err);
struct http_transport record_transport(struct record *record);
/* -1 with err when not all could be written. NULL is allowed. */
int record_flush(struct record *record, struct err *err);
void record_free(struct record *record); /* when the wrapped transport is gone */

/* DIR/COMMAND.jsonl. mem_free. */
char *record_path(const char *dir, const char *command);

#endif
