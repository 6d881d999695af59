/* Shared by the client's own files only: client.c keeps calls moving, client_send.c turns one into
 * a signed request, client_pace.c says when, client_fault.c says what an error means for whoever
 * reads it. */
#ifndef AWS_CLIENT_CLIENT_INTERNAL_H
#define AWS_CLIENT_CLIENT_INTERNAL_H

#include "aws/client/client.h"
#include "aws/protocol/proto.h"
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

/* Does AWS count each operation of this service by itself? */
bool pace_counts_operations(const char *service);
/* By "account region service operation" (the last one only where it counts); NULL: not used yet. */
struct pace *pace_known(const struct client *client, const char *name);
/* Says which pace the call belongs to. */
void pace_place(struct client_call *call);
void pace_free_all(struct client *client);
/* Has the call wait for its turn; it is launched from here or later. */
void pace_wait(struct client_call *call);
/* The call is not sent, or not answered any more. */
void pace_leave(struct client_call *call);
/* How a call fared that was launched. */
void pace_answered(struct client_call *call, enum pacer_outcome outcome, int64_t asked_ms);
/* A throttled call waits for another turn; false when that has no hope, and err may say more. */
bool pace_again(struct client_call *call, struct err *err);
/* Launches what may be sent, as far as there is room on the wire. */
void pace_dispatch(struct client *client);

/* For client_pace.c: sends, or reports the failure from the loop. */
void client_launch(struct client_call *call);
/* Reports call->failure from the loop. */
void client_fail_soon(struct client_call *call);
/* Fetches credentials, then has the call wait for its turn. */
void client_seek_creds(struct client_call *call);

/* Resolves, signs and starts; -1 with call->failure. */
int client_send(struct client_call *call, http_done done);

/* The region that a reply says the bucket lives in, or NULL. Valid while the response is. */
const char *client_bucket_region(const struct client_call *call,
                                 const struct http_response *response, char out[64]);
/* Where S3 says that the bucket is elsewhere and not where: asks it by HeadBucket, a read of the
 * engine's own that no policy has to declare. False: not that kind of error. */
bool client_ask_bucket(struct client_call *call, const struct err *err);
/* For client_bucket.c: sends the call to that region, once; NULL: fails with call->failure. */
void client_located(struct client_call *call, const char *region);

/* An empty answer to a read must not pass for "there is none": ERR_PARSE. */
int client_check_answer(const struct client_call *call, const struct http_response *response,
                        struct err *err);

/* Adds to err->message what the reader can do about it. */
void client_explain(const struct client_call *call, struct err *err);

/* Does it change nothing? For policies: a reviewed read, or one that the policy declares with a
 * reason. For an operator's script: named as one. */
bool client_is_read(const struct session *session, const char *service, const char *operation);
/* Is what comes back for a policy, which secrets are kept from? */
bool client_redacts(const struct session *session);
/* The gate: may this session sign this operation? */
int client_permit(const struct session *session, const char *service, const char *operation,
                  struct err *err);

#endif
