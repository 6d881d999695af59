/* Findings go to the report in the order of the lines, whenever they were made. */
#include "audit/run_report.h"

#include <string.h>

#include "audit/run_internal.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "report/report_progress.h"
#include "report/report_totals.h"
#include "value/json.h"
#include "value/json_plain.h"

#define MOST_BYTES (256u << 20) /* of the findings of one line, while they wait */

/* Comes before the waiting findings, which are JSON text. */
struct head {
    uint64_t who;
    uint64_t compliant;
};

static void add_all(struct report *report, const struct head *head, const json_t *findings)
{
    size_t i;
    json_t *finding;
    if (head->compliant > 0)
        report_add_compliant(report, head->who, (size_t)head->compliant);
    json_array_foreach (findings, i, finding)
        report_add(report, finding);
}

/* json_parse would refuse what is nested deeper than a text from elsewhere may be. */
static json_t *read_back(const char *text, size_t length)
{
    json_t *findings = json_plain(text, length);
    return findings != NULL ? findings : json_loadb(text, length, JSON_ALLOW_NUL, NULL);
}

static void emit(void *arg, const void *bytes, size_t length)
{
    struct run *run = arg;
    struct head head;
    json_t *findings = NULL;
    memcpy(&head, bytes, sizeof head);
    if (length > sizeof head)
        findings = read_back((const char *)bytes + sizeof head, length - sizeof head);
    add_all(run->options.report, &head, findings);
    json_decref(findings);
}

struct order *run_order(struct run *run)
{
    return order_new(emit, run);
}

static void keep(struct run *run, size_t slot, const struct head *head, const json_t *findings)
{
    struct buf text;
    buf_init(&text, MOST_BYTES);
    buf_add(&text, head, sizeof *head);
    if (json_array_size(findings) > 0)
        json_write(findings, &text);
    if (text.failed) { /* the formats do the same with text that is far too large */
        log_error("the findings of a line are longer than %u bytes", MOST_BYTES);
        run->status = 1;
    }
    order_settle(run->order, slot, buf_text(&text), text.failed ? 0 : text.len);
    buf_clear(&text);
}

void run_report(struct run *run, size_t slot, const struct resource *resource, size_t compliant,
                const json_t *findings)
{
    const struct head head = {.who = report_resource_hash(resource), .compliant = compliant};
    run->open_slots--;
    bool nothing = compliant == 0 && json_array_size(findings) == 0;
    if (!nothing && !order_is_next(run->order, slot)) {
        keep(run, slot, &head, findings);
        return;
    }
    add_all(run->options.report, &head, findings);
    order_settle(run->order, slot, NULL, 0);
}

void run_no_answer(struct run *run, size_t slot)
{
    run->open_slots--;
    order_settle(run->order, slot, NULL, 0);
}

size_t run_slot(struct run *run)
{
    run->open_slots++;
    return order_take(run->order, run->lines);
}

int run_status(const struct run *run)
{
    return order_failed(run->order) ? 1 : run->status;
}

size_t run_finished(const struct run *run)
{
    return run->finished;
}

static void show(const struct run *run, struct progress *progress)
{
    struct client_stats stats;
    client_stats(run->options.context->client, &stats);
    progress->throttled = stats.throttled;
    report_progress(run->options.report, progress);
}

void run_show_progress(struct run *run)
{
    struct progress progress = {
        .verb = "audited",
        .done = run->finished,
        .running = run->active,
        .found = run->listing.found,
        .listed = run->listing.finished,
        .places = run->listing.places,
        .total = run->ended || run->all_found ? run->finished + run->active + run->to_come : 0};
    show(run, &progress);
}

void run_show_applied(struct run *run, size_t done, size_t total)
{
    struct progress progress = {.verb = "applied", .done = done, .total = total};
    show(run, &progress);
}

void run_expect(struct run *run, size_t count)
{
    run->all_found = true;
    run->to_come = count;
    run_show_progress(run);
}
