/* The layout of a replay, for the files of this room only: replay answers requests, replay_file
 * reads recordings. */
#ifndef NET_RECORDING_REPLAY_INTERNAL_H
#define NET_RECORDING_REPLAY_INTERNAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/loop/loop.h"

struct replay_answer {
    json_t *answer;
    json_int_t number; /* of its request, or 0 */
    bool used;
};

struct replay {
    struct loop *loop;
    char *dir;
    int64_t clock_ms;  /* 0: no file was read */
    json_t *endpoints; /* NULL: the recording does not say */
    json_t *indexes;   /* request as text to the list of its indexes in `answers` */
    json_t *roles;     /* assumed roles, each to the index of the first response with a session */
    struct replay_answer *answers; /* in the order of the recordings */
    size_t count, room;
    size_t file_start; /* index of the first response in the file being read */
    size_t next;       /* the first that was not replayed */
    struct replay_transfer *pending;
    struct loop_timer *timer;
    int patience; /* turns left to wait for a request whose response was recorded earlier */
};

#endif
