#include "aws/client/client_pace.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#define DEFAULT_PATIENCE_MS 900000
#define NO_TIME ", and there is no time left to wait"
#define UNFAIR 10 /* throttles of one call while other calls get through */
#define RESTS 8   /* after this many throttles a call goes to the end of its queue */
/* Credentials that expire within this time are renewed before a call is sent. */
#define RENEW_MS 60000

static int64_t now_of(const struct pace *pace)
{
    return loop_now(pace->client->options.loop);
}

static int64_t patience_of(const struct client *client)
{
    return client->options.patience_ms > 0 ? client->options.patience_ms : DEFAULT_PATIENCE_MS;
}

/* ---- the queue ---- */

/* A call that returns to the queue gets its former place. */
static void insert(struct pace *pace, struct client_call *call)
{
    struct client_call **link = pace->last_serial < call->serial ? pace->tail : &pace->head;
    while (*link != NULL && (*link)->serial < call->serial)
        link = &(*link)->next;
    call->next = *link;
    *link = call;
    if (call->next == NULL) {
        pace->tail = &call->next;
        pace->last_serial = call->serial;
    }
    call->state = CALL_WAITING;
}

static void take_out(struct client_call *call)
{
    struct pace *pace = call->pace;
    struct client_call **link = &pace->head;
    while (*link != call)
        link = &(*link)->next;
    *link = call->next;
    if (*link == NULL) {
        pace->tail = link;
        pace->last_serial = 0;
    }
    call->next = NULL;
}

/* ---- giving up ---- */

static void schedule(struct pace *pace);

static struct pace_errors *errors_of(struct pace *pace)
{
    if (pace->errors == NULL)
        pace->errors = mem_alloc(sizeof *pace->errors);
    return pace->errors;
}

static void give_up(struct pace *pace, const char *why)
{
    const struct err *last = &errors_of(pace)->last;
    struct err *failure = &pace->errors->failure;
    err_set(failure, ERR_API, "%s is throttled (%s)%s", pace->name,
            last->code[0] != '\0' ? last->code : "status 429", why);
    memcpy(failure->code, last->code, sizeof failure->code);
    memcpy(failure->alias, last->alias, sizeof failure->alias);
    failure->status = last->status;
}

static void fail_waiting(struct pace *pace, bool reads_only)
{
    struct client_call *call = pace->head;
    while (call != NULL) {
        struct client_call *next = call->next;
        if (!reads_only || call->session->permit == PERMIT_READ) {
            take_out(call);
            call->failure = pace->errors->failure;
            pace->client->uses->fail_soon(call);
        }
        call = next;
    }
}

/* No call got through for as long as `patience_ms` allows: all waiting calls fail together, and so
 * does every later call of this run. */
static void shut(struct pace *pace)
{
    char why[160];
    snprintf(why, sizeof why,
             ": no call succeeded for %lld s, so no more calls are made in this run (--patience, "
             "PATIENCE)",
             (long long)(patience_of(pace->client) / 1000));
    give_up(pace, why);
    pace->shut = true;
    log_error("%s", pace->errors->failure.message);
    fail_waiting(pace, false);
}

static bool must_hurry(const struct pace *pace, const struct client_call *call)
{
    return pace->client->hurried && call->session->permit == PERMIT_READ;
}

static void give_up_for_time(struct pace *pace)
{
    if (pacer_is_slow(&pace->pacer))
        give_up(pace, NO_TIME);
    else
        err_set(&errors_of(pace)->failure, ERR_TIMEOUT,
                "%s: earlier calls are still in progress" NO_TIME, pace->name);
}

static void fail_hurried(struct pace *pace)
{
    give_up_for_time(pace);
    fail_waiting(pace, true);
}

void pace_hurry(struct client *client)
{
    for (struct pace *pace = client->paces; pace != NULL; pace = pace->next) {
        if (pace->head != NULL) {
            fail_hurried(pace);
            schedule(pace);
        }
    }
}

void pace_renew(struct client *client)
{
    for (struct pace *pace = client->paces; pace != NULL; pace = pace->next) {
        if (!pace->shut)
            continue;
        pace->shut = false;
        pacer_init(&pace->pacer, now_of(pace));
    }
}

/* ---- turns ---- */

static void on_time(void *arg);

static void make_ready(struct pace *pace)
{
    struct client *client = pace->client;
    if (pace->ready)
        return;
    pace->ready = true;
    pace->next_ready = NULL;
    *client->ready_tail = pace;
    client->ready_tail = &pace->next_ready;
}

static struct pace *take_ready(struct client *client)
{
    struct pace *pace = client->ready;
    client->ready = pace->next_ready;
    if (client->ready == NULL)
        client->ready_tail = &client->ready;
    pace->ready = false;
    return pace;
}

/* client_is_slow is asked for each resource, and there may be a hundred thousand paces. */
static void count_crowded(struct pace *pace)
{
    bool crowded = pace->head != NULL && pacer_is_slow(&pace->pacer);
    if (crowded && !pace->crowded)
        pace->client->crowded++;
    else if (pace->crowded && !crowded)
        pace->client->crowded--;
    pace->crowded = crowded;
}

/* Sends now, later, or when a response arrives. If no call gets through, the queue is checked again
 * when its patience ends. */
static void schedule(struct pace *pace)
{
    int64_t now = now_of(pace);
    int64_t stuck = pacer_stuck_ms(&pace->pacer, now);
    int64_t left = patience_of(pace->client) - stuck;
    loop_cancel(pace->client->options.loop, pace->timer);
    pace->timer = NULL;
    if (pace->head != NULL && stuck > 0 && left <= 0)
        shut(pace);
    count_crowded(pace);
    if (pace->head == NULL)
        return;
    int64_t wait = pacer_wait(&pace->pacer, now);
    if (stuck > 0 && (wait < 0 || wait > left))
        wait = left;
    if (wait == 0)
        make_ready(pace);
    else if (wait > 0)
        pace->timer = loop_after(pace->client->options.loop, wait, on_time, pace);
}

static void on_time(void *arg)
{
    struct pace *pace = arg;
    pace->timer = NULL;
    schedule(pace);
    pace_dispatch(pace->client);
}

static bool is_stale(const struct client_call *call)
{
    return call->creds != NULL && call->creds->expires_ms != 0 &&
           call->creds->expires_ms < clock_wall_ms() + RENEW_MS && !call->renewed;
}

static void send_first(struct pace *pace)
{
    struct client_call *call = pace->head;
    take_out(call);
    if (is_stale(call)) {
        call->renewed = true;
        pace->client->uses->fetch_creds(call);
        return;
    }
    call->renewed = false;
    call->epoch = pacer_begin(&pace->pacer, now_of(pace));
    call->paced = true;
    pace->client->uses->launch(call);
}

void pace_dispatch(struct client *client)
{
    while (client->ready != NULL && client->in_flight < client->options.max_in_flight) {
        struct pace *pace = take_ready(client);
        if (pace->head != NULL && pacer_wait(&pace->pacer, now_of(pace)) == 0)
            send_first(pace);
        schedule(pace);
    }
}

void pace_wait(struct client_call *call)
{
    struct pace *pace = call->pace;
    insert(pace, call);
    if (pace->shut)
        fail_waiting(pace, false);
    else if (must_hurry(pace, call) && pacer_wait(&pace->pacer, now_of(pace)) != 0)
        fail_hurried(pace);
    schedule(pace);
    pace_dispatch(call->client);
}

void pace_leave(struct client_call *call)
{
    if (call->paced) {
        pace_answered(call, PACER_LOST, 0);
    } else if (call->state == CALL_WAITING) {
        take_out(call);
        schedule(call->pace);
    }
}

/* ---- answers ---- */

static void report(const struct pace *pace, bool was_slow)
{
    bool slow = pacer_is_slow(&pace->pacer);
    if (slow && !was_slow)
        log_debug("%s is throttled: its calls are paced", pace->name);
    else if (was_slow && !slow)
        log_debug("calls of %s are no longer paced", pace->name);
}

void pace_answered(struct client_call *call, enum pacer_outcome outcome, int64_t asked_ms)
{
    struct pace *pace = call->pace;
    bool was_slow = pacer_is_slow(&pace->pacer);
    call->paced = false;
    pacer_end(&pace->pacer, call->epoch, outcome, asked_ms, now_of(pace));
    if (outcome == PACER_PASSED)
        pace->success_ms = clock_wall_ms();
    report(pace, was_slow);
    schedule(pace);
}

bool pace_again(struct client_call *call, struct err *err)
{
    struct pace *pace = call->pace;
    int64_t now = now_of(pace);
    errors_of(pace)->last = *err;
    if (call->throttled_ms == 0)
        call->throttled_ms = now;
    if (!pace->shut && must_hurry(pace, call))
        give_up_for_time(pace);
    if (pace->shut || must_hurry(pace, call)) {
        *err = pace->errors->failure;
        return false;
    }
    if (++call->retry.throttles > UNFAIR && now - call->throttled_ms >= patience_of(call->client))
        return false;
    call->retry.attempt--;
    if (call->retry.throttles % RESTS == 0) /* other calls may get through */
        call->serial = ++call->client->serial;
    pace_wait(call);
    return true;
}

/* ---- for other files ---- */

bool pace_is_slow(const struct client *client)
{
    return client->crowded > 0;
}
