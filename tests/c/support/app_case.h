/* The whole program as main.c starts it, each run in a process of its own: its output, its exit
 * status, and the requests that it makes to the AWS that the test plays. It loads one policy,
 * "queue" with the check "queue.public", in app_case.policies. */
#ifndef SUPPORT_APP_CASE_H
#define SUPPORT_APP_CASE_H

#include <stdbool.h>
#include <stddef.h>

#include "net/loop/loop.h"
#include "support/peer.h"

#define APP_ACCOUNT "111122223333"
#define APP_QUEUE "https://sqs.us-east-1.amazonaws.com/" APP_ACCOUNT "/q"
#define APP_LINE                                                                                   \
    "{\"account\":\"" APP_ACCOUNT "\",\"region\":\"us-east-1\",\"type\":\"queue\","                \
    "\"id\":\"" APP_QUEUE "\"}\n"

/* The response to requests that contain `part`. */
struct app_answer {
    const char *part;
    int status;
    const char *body;
};

struct app_case {
    char *folder;    /* of this test; the program runs in it */
    char *policies;  /* in that folder */
    char *out, *err; /* what the last run wrote */
    int pid;         /* of the running program */
    struct loop *loop;
    struct peer *aws;
    bool piped;          /* the next runs write to a pipe, and `out` stays empty */
    bool terminal;       /* the next runs have a terminal as stderr */
    bool unread;         /* likewise, but nothing reads that pipe */
    int reader;          /* of that pipe, which the hook may close; -1: closed */
    bool open;           /* whether the queue has its policy, as SetQueueAttributes left it */
    char asked[1 << 14]; /* the operations that the last run called, one per line */
    /* Answers a request itself, or returns that it did not; NULL: none. */
    bool (*hook)(const struct peer_request *request);
    const struct app_answer *answers; /* used before those of a working account; ends with {0} */
};
extern struct app_case app_case;

int app_case_set_up(void **state);
int app_case_tear_down(void **state);

/* A variable for the next runs of this test; NULL: it is not set. */
void app_setenv(const char *name, const char *value);
/* A file in the folder. */
void app_file(const char *name, const char *text);
/* The text of a file in the folder, "" if there is none. mem_free. */
char *app_read(const char *name);

/* Runs `engine WORDS`, with the words separated by spaces and this on stdin; returns the status. */
int app_run(const char *input, const char *words);
/* Runs it, and fails unless the status is this, and `part` occurs in stdout or stderr. */
void app_expect(int status, const char *part, const char *words);
/* How many calls of this operation the last run made. */
size_t app_calls(const char *operation);
/* Fails unless the last run's output contains this. */
void app_wrote(const char *part);

#endif
