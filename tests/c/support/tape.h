/* What the tests of recording and replaying share: a network of their own on a loop, a directory,
 * and the results. */
#ifndef SUPPORT_TAPE_H
#define SUPPORT_TAPE_H

#include "net/recording/record.h"
#include "net/recording/replay.h"

#define CLOCK_MS 1790000000123

struct tape_answer {
    int status; /* 0: no answer */
    const char *body;
};

struct tape {
    struct loop *loop;
    char dir[64];
    struct tape_answer next; /* of the network */
    char reported[4096];     /* the results, in order: "200:body " or "timeout:message " */
};

extern struct tape tape;
extern const struct http_transport tape_network;

/* For cmocka. */
int tape_open(void **state);
int tape_close(void **state);

/* A signed request with secrets in its headers; valid until the next. */
struct http_request tape_request(const char *query);
struct http_transfer *tape_ask(const struct http_transport *transport, const char *query);
void tape_note(void *arg, const struct http_response *response, const struct err *err);

struct record *tape_record(const char *command);
/* Makes a request and waits for the network's response. */
void tape_recorded(struct record *record, const char *query, int status, const char *body);
void tape_end(struct record *record);
/* The content of the recording's file; mem_free. */
char *tape_text(const char *command);

struct replay *tape_replay(const char *command);
/* Makes all requests at once, and waits for the responses. */
void tape_replay_all(struct replay *replay, const char *const *queries);
#define REPLAY(replay, ...) tape_replay_all(replay, (const char *const[]){__VA_ARGS__, NULL})

#endif
