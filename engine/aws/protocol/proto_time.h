/* Timestamps in the formats that the protocols use (Smithy: timestampFormat). Serves proto_scalar;
 * calls clock. */
#ifndef AWS_PROTOCOL_PROTO_TIME_H
#define AWS_PROTOCOL_PROTO_TIME_H

#include <jansson.h>
#include <stdint.h>

#include "aws/model/model.h"
#include "base/buf.h"

/* A timestamp: seconds since the epoch, and microseconds. */
struct proto_time {
    int64_t seconds;
    int micros;
};

/* Reads a number, a text of digits, RFC 3339 (also without time zone or time), or an HTTP date. */
int proto_time_of(const json_t *value, struct proto_time *time);
int proto_time_parse(const char *text, struct proto_time *time);
/* Returns -1 if the year does not have four digits, or `out` is full. */
int proto_time_write(struct buf *out, const struct proto_time *time, enum model_time format);
json_t *proto_time_json(const struct proto_time *time);

#endif
