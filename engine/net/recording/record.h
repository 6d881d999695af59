/* A transport for --record: it wraps another transport and writes each request with its response,
 * without secrets. Each command writes one file, DIR/COMMAND.jsonl: a head, then one line for each
 * exchange, in the order of the responses. net/recording/replay.h reads the file.
 *
 * Lines: {"recording":1,"command","clock_ms","endpoints"}, then
 * {"request","change","number","answer"} as described in recorded_exchange.h. "change" is present
 * only if true; "number", the order of the requests, only if redacted values may be the only
 * difference between requests. */
#ifndef NET_RECORDING_RECORD_H
#define NET_RECORDING_RECORD_H

#include <jansson.h>
#include <stdint.h>

#include "base/err.h"
#include "net/http/http.h"

#define RECORDING_FORMAT 1

struct record_head {
    const char *command;
    int64_t clock_ms;
    const json_t *endpoints; /* what a replay needs to make the same requests; NULL: nothing */
};

struct record;
/* Creates DIR (readable for its owner only) if it does not exist. ERR_USAGE if it already holds a
 * recording of this command. */
struct record *record_open(const char *dir, const struct record_head *head,
                           const struct http_transport *inner, struct err *err);
struct http_transport record_transport(struct record *record);
/* Returns -1 and sets err if not everything could be written. NULL is allowed. */
int record_flush(struct record *record, struct err *err);
void record_free(struct record *record); /* call it after freeing the wrapped transport */

/* DIR/COMMAND.jsonl. Free with mem_free. */
char *record_path(const char *dir, const char *command);

#endif
