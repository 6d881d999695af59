/* Decides how fast calls may be sent, with one pacer for each set of calls that AWS limits
 * together: each account, region and service (for EC2, operation). Sources: EC2 API Reference,
 * "Request throttling for the Amazon EC2 API" (token buckets for each account, region and
 * operation); Lambda Developer Guide, "Quotas" (15 requests a second of the control plane); RFC
 * 9438 for the growth curve.
 *
 * A pacer starts with 20 calls in flight, and doubles that number with each round without a
 * throttle. At the first throttle it waits for the calls in flight. If most of them were throttled
 * too, the token bucket is empty: the pacer then sends single calls, at longer and longer
 * intervals, to find out when the bucket fills; after that it spaces calls out. The number of calls
 * that got through between two throttles is the number of tokens that were added in that time, so
 * their quotient is the rate. The pacer then raises the rate slowly, until the next throttle. If
 * most calls got through, the pacer does not slow down: the request rate did not cause those
 * throttles. It tests this, with a few calls at once, also when a throttle follows a cut of the
 * rate too soon: a service that refuses a fixed share of the calls would else slow it down without
 * end.
 *
 * Only decides, by the time that the caller passes in. client_pace.c keeps the waiting calls. */
#ifndef AWS_RETRY_PACER_H
#define AWS_RETRY_PACER_H

#include <stdbool.h>
#include <stdint.h>

enum pacer_mode {
    PACER_DOUBLING, /* in rounds; there is no rate */
    PACER_JUDGING,  /* after a throttle: send nothing until the other calls are answered */
    PACER_PROBING,  /* one call at a time, at growing intervals */
    PACER_SEEKING,  /* at a rate that grows fast */
    PACER_CRUISING, /* at a rate near the measured one */
    PACER_TESTING   /* a few calls at once: is the bucket empty at all? */
};

enum pacer_outcome {
    PACER_PASSED,    /* answered, with any result except a throttle */
    PACER_THROTTLED, /* refused because of the request rate */
    PACER_LOST       /* no response, or not sent: says nothing about the rate */
};

struct pacer {
    enum pacer_mode mode;
    unsigned epoch; /* calls of an older epoch no longer change the rate */
    int in_flight;
    int fresh;          /* those of `in_flight` that belong to this epoch */
    int window;         /* PACER_DOUBLING: number of calls in a round */
    int sent;           /* calls sent in this round */
    int passed;         /* calls that passed in this round, judgement or test */
    int throttled;      /* calls throttled in this judgement or test */
    int64_t round_ms;   /* start of the round */
    int64_t overdue_ms; /* from then on, do not wait for the rest of the round */
    double next_ms;     /* send no call before this time */
    double rate;        /* calls per second */
    double base;        /* PACER_CRUISING, PACER_TESTING: the measured rate; 0: there is none */
    double best;        /* the highest `base` since a test failed */
    double since_cut;   /* calls that passed since the rate was cut */
    int soon;           /* cuts in a row that followed the one before too soon */
    double delay_ms;    /* PACER_PROBING: interval before the next call */
    double empty_ms;    /* when the bucket was last found empty */
    double filled;      /* calls that passed since `empty_ms` */
    double sum, sum_ms; /* calls that passed and the time they took; recent ones weigh most */
    bool idle;          /* for a while there was nothing to send, so the rate cannot be measured */
    int64_t throttled_ms; /* time of the first throttle since a call passed; -1: none */
};

void pacer_init(struct pacer *pacer, int64_t now_ms);

/* Milliseconds until a call may be sent. 0: now; -1: after the next response. */
int64_t pacer_wait(const struct pacer *pacer, int64_t now_ms);
/* Call this when a call is sent; pass the result to pacer_end. */
unsigned pacer_begin(struct pacer *pacer, int64_t now_ms);
/* asked_ms: for PACER_THROTTLED, the delay that the server requested; else 0. */
void pacer_end(struct pacer *pacer, unsigned epoch, enum pacer_outcome outcome, int64_t asked_ms,
               int64_t now_ms);

/* Does the pacer limit the rate, so that calls may wait for long? */
bool pacer_is_slow(const struct pacer *pacer);
/* How long no call has passed, counted from the first throttle; 0 if the last call passed. */
int64_t pacer_stuck_ms(const struct pacer *pacer, int64_t now_ms);

#endif
