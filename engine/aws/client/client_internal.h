/* The structures that the client's own files share. client_call.c moves a call from state to state,
 * client_send.c signs and sends it, client_pace.c decides when, client_fault.c explains errors. */
#ifndef AWS_CLIENT_CLIENT_INTERNAL_H
#define AWS_CLIENT_CLIENT_INTERNAL_H

#include "aws/client/client.h"
#include "aws/protocol/request.h"
#include "aws/retry/pacer.h"
#include "aws/retry/retry.h"

/* Most paces never need these, and there may be a hundred thousand paces. */
struct pace_errors {
    struct err last;    /* the last throttle */
    struct err failure; /* the error for calls that are no longer queued */
};

/* Calls that AWS counts together: the calls of one account in one region to one service (EC2: to
 * one operation). */
struct pace {
    struct client *client;
    struct pace *next; /* in the list of all paces */
    char *name;        /* "sqs in us-east-1 of account 111122223333" */
    struct pacer pacer;
    struct retry_quota quota;
    struct client_call *head, **tail; /* the waiting calls, in order of arrival */
    uint64_t last_serial;             /* of the last call in the queue; 0: not known */
    struct loop_timer *timer;         /* until the next call may be sent */
    struct pace *next_ready;          /* in the list of paces that may send */
    bool ready;
    bool crowded;               /* it is slow, and calls wait: counted in client->crowded */
    bool shut;                  /* given up for this run, with the error in errors->failure */
    struct pace_errors *errors; /* NULL: there was none yet */
    int64_t success_ms; /* wall-clock time of the last response that was not a throttle; 0: none */
};

/* The state of a call. In each state exactly one thing can wake the call, so there is exactly one
 * thing to cancel. */
enum call_state {
    CALL_CREDS,   /* waiting for credentials: `waiter` */
    CALL_WAITING, /* in its pace's queue, until its turn comes and a request may be sent */
    CALL_SENT,    /* in flight: `transfer` */
    CALL_PAUSED,  /* waiting before another attempt, or before reporting: `timer` */
    CALL_ASKING   /* waiting for the region of its bucket: `head` */
};

struct client_call {
    struct client *client;
    struct client_call *next; /* in the queue */
    uint64_t serial;          /* the number of the call in this client */
    client_done done;
    void *arg;
    const struct session *session;
    const struct model *model;
    model_operation operation;
    struct model_operation_info info;
    char *region;
    const struct call_payload *payload; /* or NULL */
    struct retry_state retry;
    struct pace *pace;
    unsigned epoch;       /* the pacer's epoch when the call was sent */
    bool paced;           /* the pacer waits for the outcome of this call */
    int64_t throttled_ms; /* time of the first throttle; 0: none yet */
    enum call_state state;
    struct creds_waiter *waiter;
    struct http_transfer *transfer;
    struct loop_timer *timer;
    struct creds *creds;
    json_t *result;      /* to be reported from the loop, or NULL */
    size_t result_bytes; /* of its response, counted in client->unreported */
    struct client_call *head;
    struct session asking; /* the session of `head` */
    int64_t started_ms;
    bool change;     /* not a read, see client_is_read */
    bool redirected; /* was sent to the bucket's region, which happens once */
    bool renewed;    /* credentials were renewed since it was last sent */
    /* These are large, so a call that is used again does not clear them as a whole. */
    struct err failure; /* an error to report from the loop, if there was no transfer */
    struct proto_request request;
};

/* The endpoint of an operation, cached after it was resolved. Operations on buckets or with a host
 * prefix are not cached. */
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
    unsigned next_route; /* the next entry to replace */
    struct pace *paces;
    size_t crowded;     /* number of paces that are slow while calls wait */
    json_t *pace_index; /* pace by account, region and service as the caller gave them */
    struct pace *ready; /* paces that may send, in order of their turns */
    struct pace **ready_tail;
    uint64_t serial;
    bool hurried; /* reads no longer wait for a throttled pace */
    int in_flight;
    size_t unreported; /* bytes of responses whose results wait to be reported */
    int64_t skew_ms;
    struct client_stats stats;
    char *trace_id;                /* NULL: none */
    json_t *bucket_regions;        /* bucket name to region, learned from redirects */
    struct opset *bucket_reads;    /* holds HeadBucket */
    struct sigv4_result signature; /* reused: one signature at a time */
    struct buf url;
    struct client_call *spare; /* calls that have ended, kept for the next ones */
    int spares;                /* at most as many as may be in flight */
};

#endif
