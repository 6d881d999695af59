/* The layouts that the client's own files share: client_call.c keeps calls moving, client_send.c
 * turns one into a signed request, client_pace.c says when, client_fault.c says what an error means
 * for whoever reads it. */
#ifndef AWS_CLIENT_CLIENT_INTERNAL_H
#define AWS_CLIENT_CLIENT_INTERNAL_H

#include "aws/client/client.h"
#include "aws/protocol/request.h"
#include "aws/retry/pacer.h"
#include "aws/retry/retry.h"

/* What AWS counts together: the calls of one account in one region to one service, or to one
 * operation of EC2. */
struct pace {
    struct client *client;
    struct pace *next; /* of all */
    char *name;        /* "sqs in us-east-1 of account 111122223333" */
    struct pacer pacer;
    struct retry_quota quota;
    struct client_call *head, **tail; /* those that wait, in the order in which they came */
    uint64_t last_serial;             /* of the last one; 0: not known */
    struct loop_timer *timer;         /* until the next may be sent */
    struct pace *next_ready;          /* of those that may send */
    bool ready;
    bool shut;          /* given up for this run: `failure` */
    struct err last;    /* the last throttle */
    struct err failure; /* what those are told that do not wait any more */
    int64_t success_ms; /* wall clock, of the last answer that was no throttle; 0: none */
};

/* Where a call stands. Each state has one thing that can wake it, hence one thing to cancel. */
enum call_state {
    CALL_CREDS,   /* waiting for credentials: `waiter` */
    CALL_WAITING, /* for its turn and a free place on the wire: linked in its pace's queue */
    CALL_SENT,    /* on the wire: `transfer` */
    CALL_PAUSED,  /* waiting before another attempt, or to report: `timer` */
    CALL_ASKING   /* for the region of its bucket: `head` */
};

struct client_call {
    struct client *client;
    struct client_call *next; /* in the queue */
    uint64_t serial;          /* which call of the client it is */
    client_done done;
    void *arg;
    const struct session *session;
    const struct model *model;
    model_operation operation;
    struct model_operation_info info;
    char *region;
    struct proto_request request;
    struct retry_state retry;
    struct pace *pace;
    unsigned epoch;       /* of the pacer, when it was sent */
    bool paced;           /* the pacer waits for its outcome */
    int64_t throttled_ms; /* first; 0: not yet */
    enum call_state state;
    struct creds_waiter *waiter;
    struct http_transfer *transfer;
    struct loop_timer *timer;
    struct creds *creds;
    struct err failure; /* to report from the loop when there was no transfer */
    struct client_call *head;
    struct session asking; /* whose `head` is */
    bool change;           /* no read: client_is_read */
    bool redirected;       /* followed a bucket to its region once */
    bool renewed;          /* its credentials, since it was sent last */
};

/* Where an operation's requests go, as it was resolved before; not for those of a bucket or with a
 * host prefix. */
struct client_route {
    const struct model *model; /* NULL: unused */
    model_operation operation;
    char region[64];
    struct endpoint endpoint;
};

#define CLIENT_ROUTES 8

struct client {
    struct client_options options;
    const struct pace_uses *uses;
    struct client_route routes[CLIENT_ROUTES];
    unsigned next_route; /* the one to be replaced next */
    struct pace *paces;
    json_t *pace_index; /* to each by account, region and service as they were given */
    struct pace *ready; /* in turn, those that may send */
    struct pace **ready_tail;
    uint64_t serial;
    bool hurried; /* reads do not wait for a slow pace any more */
    int in_flight;
    int64_t skew_ms;
    struct client_stats stats;
    json_t *bucket_regions;        /* bucket name to region, learnt from redirects */
    struct opset *bucket_reads;    /* HeadBucket */
    struct sigv4_result signature; /* reused: one signature at a time */
    struct buf url;
};

#endif
