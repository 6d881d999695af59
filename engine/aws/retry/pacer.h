/* How fast calls may be sent where AWS counts them: one pacer for each account, region and service
 * (of EC2, operation). Sources: EC2 API Reference, "Request throttling for the Amazon EC2 API"
 * (token buckets for each account, region and operation); Lambda Developer Guide, "Quotas" (15
 * requests a second of the control plane); RFC 9438 for the shape of the growth.
 *
 * It starts with 20 calls in flight, and doubles that with each round without a throttle. At the
 * first throttle it waits for what is in flight. When most of that was throttled too, a bucket is
 * empty: single calls, ever later, find out when it fills; from then on calls are spaced out.
 * Between two throttles as many calls got through as the bucket was filled with, so that quotient
 * is the rate. It is then exceeded little by little, until the next throttle. When most got
 * through, nothing is slowed: such throttles do not come from haste.
 *
 * Pure decisions by the time that the caller tells; client_pace.c keeps the calls that wait. */
#ifndef AWS_RETRY_PACER_H
#define AWS_RETRY_PACER_H

#include <stdbool.h>
#include <stdint.h>

enum pacer_mode {
    PACER_DOUBLING, /* by rounds; no rate */
    PACER_JUDGING,  /* throttled: nothing is sent until it is known how the rest fared */
    PACER_PROBING,  /* one call at a time, ever later */
    PACER_SEEKING,  /* by a rate that grows fast */
    PACER_CRUISING, /* by a rate close to what gets through */
    PACER_TESTING   /* a few at once: is a bucket empty at all? */
};

enum pacer_outcome {
    PACER_PASSED,    /* answered, whatever the answer was */
    PACER_THROTTLED, /* refused for haste */
    PACER_LOST       /* no answer, or not sent: tells nothing */
};

struct pacer {
    enum pacer_mode mode;
    unsigned epoch; /* calls of an older one no longer change the rate */
    int in_flight;
    int fresh;            /* of them, those of this epoch */
    int window;           /* PACER_DOUBLING: calls of a round */
    int begun;            /* of this round */
    int passed;           /* of this round, judgement or test */
    int throttled;        /* of this judgement or test */
    int64_t round_ms;     /* when it began */
    int64_t overdue_ms;   /* from then on what is left of it is not waited for */
    double next_ms;       /* no call before */
    double rate;          /* calls a second */
    double base;          /* PACER_CRUISING: what got through */
    double best;          /* the highest of them since a test failed */
    double since_cut;     /* calls that passed since */
    double delay_ms;      /* PACER_PROBING: until the next call */
    double empty_ms;      /* when the bucket was last seen empty */
    double filled;        /* calls that passed since then */
    double sum, sum_ms;   /* passed calls and their time, recent ones first */
    bool idle;            /* there was nothing to send for a while: no rate follows from it */
    int64_t throttled_ms; /* of the first throttle since a call passed; -1: none */
};

void pacer_init(struct pacer *pacer, int64_t now_ms);

/* Milliseconds until a call may be sent: 0 is now, -1 after an answer. */
int64_t pacer_wait(const struct pacer *pacer, int64_t now_ms);
/* A call is sent; the result is to be given to pacer_end. */
unsigned pacer_begin(struct pacer *pacer, int64_t now_ms);
/* asked_ms: what the server asks to wait, of PACER_THROTTLED; else 0. */
void pacer_end(struct pacer *pacer, unsigned epoch, enum pacer_outcome outcome, int64_t asked_ms,
               int64_t now_ms);

/* Is it slowed, so that calls may have to wait long? */
bool pacer_is_slow(const struct pacer *pacer);
/* How long no call has passed, since the first one that was throttled; 0 when one passed last. */
int64_t pacer_stuck_ms(const struct pacer *pacer, int64_t now_ms);

#endif
