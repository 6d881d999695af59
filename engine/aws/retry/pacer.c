#include "aws/retry/pacer.h"

#include <math.h>

#define FIRST_WINDOW 20
#define LARGE_WINDOW 320
#define LARGEST_WINDOW (1 << 20)
#define SLOW_ROUND_MS 1000 /* do not wait longer than this for a round */
#define SPREAD_MS 20       /* responses may be this late, beyond twice the time of the others */
#define TOO_FEW 4          /* too few responses to judge by */
#define FIRST_PROBE_MS 10
#define LAST_PROBE_MS 5000
#define SEEKING_GROWTH 0.5
#define MOST_RATE 1e6
#define LAG_MS 500   /* at most this much lost time is made up for */
#define STALL_MS 100 /* after such a pause the rate cannot be measured */

/* The rate starts BELOW under the measured rate, reaches it after PLATEAU calls, and then grows
 * faster and faster. The curve counts calls, not seconds, so it suits all buckets alike. */
#define BELOW 0.1
#define PLATEAU 50.0
#define CRUISING_GROWTH 0.25 /* at most, until the calls in flight are answered */
#define ENOUGH 8             /* calls needed to measure a rate */
#define LESS 0.7             /* factor for the rate, if it could not be measured */
#define TEST 8
/* Throttles so soon after the rate was cut, several times in a row, are not due to the rate. */
#define SOON 40.0
#define SOON_IN_A_ROW 2
#define RARE 8 /* one throttle in so many responses is no reason not to go on growing */

void pacer_init(struct pacer *pacer, int64_t now_ms)
{
    *pacer = (struct pacer){.window = FIRST_WINDOW, .round_ms = now_ms, .throttled_ms = -1};
}

bool pacer_is_slow(const struct pacer *pacer)
{
    return pacer->mode != PACER_DOUBLING;
}

int64_t pacer_stuck_ms(const struct pacer *pacer, int64_t now_ms)
{
    return pacer->throttled_ms >= 0 ? now_ms - pacer->throttled_ms : 0;
}

/* ---- changing the mode ---- */

static void enter(struct pacer *pacer, enum pacer_mode mode)
{
    pacer->mode = mode;
    pacer->epoch++;
    pacer->fresh = 0;
    pacer->sent = 0;
    pacer->passed = 0;
    pacer->throttled = 0;
}

static void note_empty(struct pacer *pacer, int64_t now_ms)
{
    pacer->empty_ms = (double)now_ms;
    pacer->filled = 0;
    pacer->idle = false;
}

static void probe(struct pacer *pacer, double delay_ms, int64_t now_ms)
{
    if (delay_ms < FIRST_PROBE_MS)
        delay_ms = FIRST_PROBE_MS;
    pacer->delay_ms = delay_ms < LAST_PROBE_MS ? delay_ms : LAST_PROBE_MS;
    note_empty(pacer, now_ms);
    enter(pacer, PACER_PROBING);
    pacer->next_ms = (double)now_ms + pacer->delay_ms;
}

static void cruise(struct pacer *pacer, double base, int64_t now_ms)
{
    enter(pacer, PACER_CRUISING);
    pacer->base = base;
    pacer->since_cut = 0;
    pacer->rate = base * (1 - BELOW);
    pacer->next_ms = (double)now_ms + 1000 / pacer->rate;
}

/* base: the rate if the test fails; 0: not known. */
static void test(struct pacer *pacer, double base)
{
    pacer->base = base;
    enter(pacer, PACER_TESTING);
}

/* ---- sending ---- */

static int64_t left_ms(double until_ms, int64_t now_ms)
{
    double left = until_ms - (double)now_ms;
    return left > 0 ? (int64_t)left + 1 : 0;
}

/* A round ends when all of its calls are answered. Calls that take much longer than the others are
 * not waited for. Large rounds overlap. */
static int64_t wait_for_round(const struct pacer *pacer, int64_t now_ms)
{
    if (pacer->in_flight >= pacer->window)
        return -1;
    if (pacer->sent < pacer->window || pacer->window >= LARGE_WINDOW)
        return 0;
    return left_ms((double)pacer->overdue_ms, now_ms);
}

int64_t pacer_wait(const struct pacer *pacer, int64_t now_ms)
{
    int64_t wait = 0;
    switch (pacer->mode) {
    case PACER_DOUBLING: wait = wait_for_round(pacer, now_ms); break;
    case PACER_JUDGING: wait = left_ms((double)pacer->overdue_ms, now_ms); break;
    case PACER_PROBING: wait = pacer->fresh > 0 ? -1 : 0; break;
    case PACER_TESTING: wait = pacer->sent < TEST ? 0 : -1; break;
    case PACER_SEEKING:
    case PACER_CRUISING: break;
    }
    int64_t due = left_ms(pacer->next_ms, now_ms);
    return wait < 0 || wait > due ? wait : due;
}

/* Sets the time of the next call. Up to LAG_MS of lost time is made up for, because the bucket
 * filled meanwhile. */
static void space_out(struct pacer *pacer, int64_t now_ms)
{
    double now = (double)now_ms;
    double gap = 1000 / pacer->rate;
    double late = now - pacer->next_ms;
    if (late > gap + STALL_MS)
        pacer->idle = true;
    if (late > LAG_MS)
        pacer->next_ms = now - LAG_MS;
    pacer->next_ms += gap;
}

static void begin_round(struct pacer *pacer, int64_t now_ms)
{
    pacer->sent = 0;
    pacer->passed = 0;
    pacer->round_ms = now_ms;
    pacer->overdue_ms = now_ms + SLOW_ROUND_MS;
}

static void double_window(struct pacer *pacer, int64_t now_ms)
{
    if (pacer->window < LARGEST_WINDOW)
        pacer->window *= 2;
    begin_round(pacer, now_ms);
}

static bool is_mostly_answered(const struct pacer *pacer)
{
    return pacer->passed >= pacer->window * 3 / 4;
}

static void begin_in_round(struct pacer *pacer, int64_t now_ms)
{
    if (pacer->sent == 0)
        begin_round(pacer, now_ms);
    else if (pacer->sent >= pacer->window && is_mostly_answered(pacer))
        double_window(pacer, now_ms);
}

unsigned pacer_begin(struct pacer *pacer, int64_t now_ms)
{
    if (pacer->mode == PACER_JUDGING)
        probe(pacer, 0, now_ms);
    if (pacer->mode == PACER_DOUBLING)
        begin_in_round(pacer, now_ms);
    pacer->in_flight++;
    pacer->fresh++;
    pacer->sent++;
    if (pacer->mode == PACER_SEEKING || pacer->mode == PACER_CRUISING)
        space_out(pacer, now_ms);
    return pacer->epoch;
}

/* ---- rounds ---- */

static void count_in_round(struct pacer *pacer, int64_t now_ms)
{
    bool mostly = is_mostly_answered(pacer);
    pacer->passed++;
    if (!mostly && is_mostly_answered(pacer))
        pacer->overdue_ms = now_ms + (now_ms - pacer->round_ms) + SPREAD_MS;
    if (pacer->passed >= pacer->window)
        double_window(pacer, now_ms);
}

/* Starts another round of the same size: less than half of the calls were throttled, so the request
 * rate was not the cause. */
static void resume_rounds(struct pacer *pacer, int64_t now_ms)
{
    enter(pacer, PACER_DOUBLING);
    begin_round(pacer, now_ms);
}

/* The call that was throttled is still counted in in_flight. */
static void begin_judging(struct pacer *pacer, int64_t now_ms)
{
    enter(pacer, PACER_JUDGING);
    pacer->sent = pacer->in_flight + 1;
    pacer->overdue_ms = now_ms + SLOW_ROUND_MS;
}

static void judge(struct pacer *pacer, int64_t now_ms)
{
    int answers = pacer->passed + pacer->throttled;
    if (answers < pacer->sent - pacer->sent / 8 && pacer->in_flight > 0)
        return;
    if (pacer->throttled * RARE < answers && pacer->window < LARGE_WINDOW)
        pacer->window *= 2;
    if (answers < TOO_FEW)
        test(pacer, 0);
    else if (pacer->throttled * 3 >= answers)
        probe(pacer, 0, now_ms);
    else
        resume_rounds(pacer, now_ms);
}

/* ---- rates ---- */

/* Measures the rate: the calls that passed between the last two times that the bucket was empty.
 * Recent times weigh most. If there were too few calls, they are added to the next measurement. */
static double measure(struct pacer *pacer, int64_t now_ms)
{
    double took = (double)now_ms - pacer->empty_ms;
    bool cruising = pacer->mode == PACER_CRUISING;
    if (pacer->idle) {
        note_empty(pacer, now_ms);
        return cruising ? pacer->base : pacer->rate * LESS;
    }
    if (pacer->filled < ENOUGH || took <= 0)
        return pacer->rate * LESS;
    pacer->sum = pacer->sum / 2 + pacer->filled;
    pacer->sum_ms = pacer->sum_ms / 2 + took;
    note_empty(pacer, now_ms);
    return pacer->sum * 1000 / pacer->sum_ms;
}

/* A cut rate lets a bucket fill, so a throttle soon after it is a surprise. */
static bool is_surprised(struct pacer *pacer)
{
    bool soon = pacer->mode == PACER_CRUISING && pacer->since_cut < SOON;
    pacer->soon = soon ? (pacer->soon + 1) % SOON_IN_A_ROW : 0;
    return soon && pacer->soon == 0;
}

static void cut(struct pacer *pacer, int64_t now_ms)
{
    if (pacer->filled == 0 && !pacer->idle) {
        probe(pacer, 2000 / pacer->rate, now_ms);
        return;
    }
    double base = measure(pacer, now_ms);
    if (base > pacer->best)
        pacer->best = base;
    bool surprised = is_surprised(pacer);
    cruise(pacer, base, now_ms);
    /* Throttles that the request rate does not cause would slow the pacer forever. */
    if (surprised || base < pacer->best / 2)
        test(pacer, base);
}

static void end_test(struct pacer *pacer, int64_t now_ms)
{
    if (pacer->passed + pacer->throttled < TEST && pacer->fresh > 0)
        return;
    bool haste = pacer->passed * 4 < TEST * 3;
    pacer->best = haste ? pacer->base : 0;
    pacer->sum = pacer->sum_ms = 0;
    note_empty(pacer, now_ms);
    if (!haste && pacer->base > 0)
        pacer->window = FIRST_WINDOW; /* the bucket may be nearly empty */
    if (!haste)
        resume_rounds(pacer, now_ms);
    else if (pacer->base > 0)
        cruise(pacer, pacer->base, now_ms);
    else
        probe(pacer, 0, now_ms);
}

static void begin_seeking(struct pacer *pacer, int64_t now_ms)
{
    double took = (double)now_ms - pacer->empty_ms;
    enter(pacer, PACER_SEEKING);
    pacer->rate = 1000 / sqrt(pacer->delay_ms * (took > 1 ? took : 1));
    pacer->next_ms = (double)now_ms;
    pacer->sum = pacer->sum_ms = 0;
}

/* The largest growth for one response: whatever the number of calls in flight, the rate grows
 * e^growth-fold at most until all of them are answered. */
static double step(const struct pacer *pacer, double growth)
{
    return 1 + growth / (pacer->in_flight + 1);
}

static void seek(struct pacer *pacer)
{
    double factor = step(pacer, SEEKING_GROWTH);
    pacer->rate *= factor < 1 + SEEKING_GROWTH ? factor : 1 + SEEKING_GROWTH;
    if (pacer->rate > MOST_RATE)
        pacer->rate = MOST_RATE;
}

static void grow(struct pacer *pacer)
{
    double plateau = pacer->in_flight * 3 > PLATEAU ? pacer->in_flight * 3 : PLATEAU;
    pacer->since_cut++;
    double x = (pacer->since_cut - plateau) / plateau;
    double rate = pacer->base * (1 + BELOW * x * x * x);
    double most = pacer->rate * step(pacer, CRUISING_GROWTH);
    pacer->rate = rate < most ? rate : most;
    if (pacer->rate > MOST_RATE)
        pacer->rate = MOST_RATE;
}

/* ---- responses ---- */

static void on_pass(struct pacer *pacer, bool fresh, int64_t now_ms)
{
    pacer->throttled_ms = -1;
    pacer->filled++;
    if (pacer->mode == PACER_JUDGING) {
        pacer->passed++;
        judge(pacer, now_ms);
    }
    if (!fresh)
        return;
    switch (pacer->mode) {
    case PACER_DOUBLING: count_in_round(pacer, now_ms); break;
    case PACER_PROBING: begin_seeking(pacer, now_ms); break;
    case PACER_SEEKING: seek(pacer); break;
    case PACER_CRUISING: grow(pacer); break;
    case PACER_TESTING:
        pacer->passed++;
        end_test(pacer, now_ms);
        break;
    case PACER_JUDGING: break;
    }
}

static void on_throttle(struct pacer *pacer, bool fresh, int64_t now_ms)
{
    if (pacer->throttled_ms < 0)
        pacer->throttled_ms = now_ms;
    if (pacer->mode == PACER_DOUBLING && fresh)
        begin_judging(pacer, now_ms);
    if (pacer->mode == PACER_JUDGING) {
        pacer->throttled++;
        judge(pacer, now_ms);
        return;
    }
    if (!fresh)
        return;
    switch (pacer->mode) {
    case PACER_PROBING: probe(pacer, pacer->delay_ms * 2, now_ms); break;
    case PACER_SEEKING:
    case PACER_CRUISING: cut(pacer, now_ms); break;
    case PACER_TESTING:
        pacer->throttled++;
        end_test(pacer, now_ms);
        break;
    case PACER_DOUBLING:
    case PACER_JUDGING: break;
    }
}

/* The lost call is no longer waited for. */
static void on_loss(struct pacer *pacer, bool fresh, int64_t now_ms)
{
    if (pacer->mode == PACER_JUDGING)
        judge(pacer, now_ms);
    else if (pacer->mode == PACER_TESTING && fresh)
        end_test(pacer, now_ms);
    else if (pacer->mode == PACER_DOUBLING && fresh)
        count_in_round(pacer, now_ms);
}

void pacer_end(struct pacer *pacer, unsigned epoch, enum pacer_outcome outcome, int64_t asked_ms,
               int64_t now_ms)
{
    bool fresh = epoch == pacer->epoch;
    pacer->in_flight--;
    if (fresh)
        pacer->fresh--;
    switch (outcome) {
    case PACER_PASSED: on_pass(pacer, fresh, now_ms); break;
    case PACER_THROTTLED: on_throttle(pacer, fresh, now_ms); break;
    case PACER_LOST: on_loss(pacer, fresh, now_ms); break;
    }
    if (asked_ms > 0 && pacer->next_ms < (double)(now_ms + asked_ms))
        pacer->next_ms = (double)(now_ms + asked_ms);
}
