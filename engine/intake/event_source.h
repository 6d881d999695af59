/* Events from a file descriptor, one at a time: nothing is read before somebody asks for one, and
 * no more is held than one event and two chunks. Compressed files (gzip), as CloudTrail delivers
 * them (AWS CloudTrail User Guide, "CloudTrail log file examples": "a JSON text file in compressed
 * gzip format"), are recognized by their first bytes anywhere in the stream. Serves the command
 * translate; calls event_frames, loop and zlib. */
#ifndef INTAKE_EVENT_SOURCE_H
#define INTAKE_EVENT_SOURCE_H

#include "base/err.h"
#include "intake/event_frames.h"
#include "net/loop/loop.h"

/* Each call of event_source_pull is answered by one of these, from the loop. They may free the
 * source. */
struct event_target {
    void (*text)(void *arg, const struct event_text *text);
    /* The rest of the stream cannot be read; `end` follows. */
    void (*bad)(void *arg, const struct err *err);
    void (*end)(void *arg);
    void *arg;
};

struct event_source;
struct event_source *event_source_new(struct loop *loop, int fd, const struct event_target *target);
void event_source_pull(struct event_source *source);
void event_source_free(struct event_source *source);

#endif
