#include "notify/message_finding.h"

#include <stdint.h>
#include <string.h>

#include "aws/retry/retry.h"
#include "base/clean_text.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/report_text.h"
#include "notify/message.h"
#include "notify/message_internal.h"
#include "notify/message_publish.h"
#include "policy/finding.h"
#include "policy/verdict.h"
#include "value/json.h"

#define LINE_MAX (64u * 1024) /* of the resource line; a longer one loses its unknown keys */
#define TEXT_MAX 4096         /* of description and reasons, each */
#define BODY_SPARE 4096       /* labels, and what the envelope adds */
#define REPAIR_TRIES 4        /* each with the client's own retries */
#define MOST_CALLS 100        /* that are named; the plan has all */
#define RETRY_MS 1000         /* doubled each time */

bool message_is_over(const json_t *finding)
{
    enum verdict_status status = verdict_status(finding);
    return verdict_remediation(finding) == REMEDIATION_FIXED || status == STATUS_COMPLIANT ||
           status == STATUS_GONE;
}

/* "fixed", "exempt", …: what a reader of the subject must know first. */
static const char *headline(const json_t *finding)
{
    enum verdict_status status = verdict_status(finding);
    enum verdict_remediation remediation = verdict_remediation(finding);
    if (status == STATUS_EXEMPT)
        return verdict_status_name(status);
    if (remediation != REMEDIATION_NONE && remediation != REMEDIATION_AVAILABLE)
        return verdict_remediation_name(remediation);
    if (message_is_over(finding))
        return verdict_status_name(STATUS_RESOLVED);
    return status == STATUS_NON_COMPLIANT ? "non-compliant" : verdict_status_name(status);
}

/* The words come before the id, which may be long and is in the body too. */
static char *subject_of(const struct resource *resource, const json_t *finding)
{
    return mem_printf("[%s] %s %s %s %s: %s", headline(finding), finding_get(finding, "severity"),
                      finding_get(finding, "check"), resource->account, resource->region,
                      resource->id);
}

/* A longer text is cut, never in the middle of a character. */
static void add_cut(struct buf *body, const char *text, size_t length, size_t max)
{
    size_t kept = length > max ? max : length;
    while (kept < length && kept > 0 && ((unsigned char)text[kept] & 0xc0) == 0x80)
        kept--;
    text_legible(body, text, kept);
    if (kept < length)
        buf_addf(body, " [%zu bytes more]", length - kept);
}

static void add_line(struct buf *body, const char *label, const char *text)
{
    if (text[0] == '\0')
        return;
    buf_addf(body, "%s: ", label);
    add_cut(body, text, strlen(text), TEXT_MAX);
    buf_addc(body, '\n');
}

static char *resource_line(const struct resource *resource)
{
    json_t *line = resource_to_json(resource);
    char *text = json_text(line);
    json_decref(line);
    if (strlen(text) <= LINE_MAX)
        return text;
    mem_free(text);
    struct resource *bare =
        resource_new(resource->account, resource->region, resource->type, resource->id);
    line = resource_to_json(bare);
    text = json_text(line);
    json_decref(line);
    resource_free(bare);
    return text;
}

static void add_description(struct buf *body, const json_t *finding)
{
    const json_t *exemption = json_object_get(finding, "exemption");
    const json_t *error = json_object_get(finding, "error");
    add_line(body, "Check", finding_get(finding, "check"));
    add_line(body, "Severity", finding_get(finding, "severity"));
    add_line(body, "Status", finding_get(finding, "status"));
    add_line(body, "Remediation", finding_get(finding, "remediation"));
    add_line(body, "Description", finding_get(finding, "title"));
    add_line(body, "Finding", finding_get(finding, "summary"));
    add_line(body, "Held", finding_get(finding, "held"));
    add_line(body, "Exempt because", json_get_string(exemption, "reason", ""));
    add_line(body, "Exemption's owner", json_get_string(exemption, "owner", ""));
    add_line(body, "Exempt until", json_get_string(exemption, "expires", ""));
    add_line(body, "Error", json_get_string(error, "message", ""));
}

static void add_calls(struct buf *body, const json_t *steps)
{
    size_t i, count = json_array_size(steps);
    for (i = 0; i < count && i < MOST_CALLS; i++) {
        const json_t *step = json_array_get(steps, i);
        add_line(body, "Call", json_get_string(step, "call", ""));
        add_line(body, "Cannot be undone", json_get_string(step, "irreversible", ""));
    }
    if (i < count)
        buf_addf(body, "(%zu more calls are in the plan)\n", count - i);
}

/* What a person must know to approve the plan, and how to do it. */
static void add_plan(struct buf *body, const json_t *finding)
{
    const char *plan = finding_get(finding, "plan");
    if (plan[0] == '\0')
        return;
    buf_addc(body, '\n');
    add_line(body, "Repair", finding_get(finding, "repair"));
    add_line(body, "Impact", finding_get(finding, "impact"));
    add_line(body, "Done by the repair of", finding_get(finding, "covered_by"));
    add_calls(body, json_object_get(finding, "steps"));
    add_line(body, "Plan", plan);
    buf_adds(body, "To make its calls: engine apply ");
    text_shell_add(body, plan);
    buf_addc(body, '\n');
}

static void add_evidence(struct buf *body, const json_t *finding, size_t room)
{
    const json_t *evidence = json_object_get(finding, "evidence");
    if (evidence == NULL)
        return;
    char *text = json_text(evidence);
    buf_adds(body, "Evidence: ");
    add_cut(body, text, strlen(text), room);
    buf_addc(body, '\n');
    mem_free(text);
}

/* Each control character becomes three bytes, so a text that was cut by bytes may grow; a third of
 * the space is safe. */
static char *body_of(const struct resource *resource, const json_t *finding)
{
    struct buf body;
    buf_init(&body, 2 * MESSAGE_BODY_MAX);
    char *line = resource_line(resource);
    add_line(&body, "Account", resource->account);
    add_line(&body, "Region", resource->region);
    add_line(&body, "Resource type", resource->type);
    add_line(&body, "Identifier", resource->id);
    add_description(&body, finding);
    add_plan(&body, finding);
    size_t used = body.len + strlen(line) + BODY_SPARE;
    add_evidence(&body, finding, used < MESSAGE_BODY_MAX ? (MESSAGE_BODY_MAX - used) / 3 : 0);
    buf_addf(&body, "\n%s\n", line);
    mem_free(line);
    return buf_take(&body);
}

/* The attributes that the filter policies of subscriptions use. A repaired finding is over: who
 * subscribes to open findings need not receive it. */
static json_t *attributes_of(const struct resource *resource, const json_t *finding)
{
    const char *remediation = finding_get(finding, "remediation");
    enum verdict_status status =
        message_is_over(finding) ? STATUS_RESOLVED : verdict_status(finding);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "account", resource->account, "type",
                     resource->type, "check", finding_get(finding, "check"), "severity",
                     finding_get(finding, "severity"), "status", verdict_status_name(status),
                     "remediation", remediation);
}

/* ---- sending ---- */

struct notification {
    struct message_part part; /* first: the message drops it */
    struct message *message;
    const struct resource *resource;
    json_t *finding;
    int tries; /* so far */
    struct loop_timer *pause;
    message_done done;
    void *arg;
};

static void publish(void *arg);

static void notification_free(struct notification *notification)
{
    message_release(&notification->part);
    json_decref(notification->finding);
    mem_free(notification);
}

static void drop(struct message_part *part)
{
    struct notification *notification = (struct notification *)part;
    loop_cancel(notification->message->loop, notification->pause);
    notification_free(notification);
}

/* No later audit finds a repair again. So its notification is retried here, and if it fails, the
 * finding is at least in the log. */
static bool is_repair(const struct notification *notification)
{
    return verdict_remediation(notification->finding) == REMEDIATION_FIXED;
}

static bool try_again(struct notification *notification, const struct err *err)
{
    if (!is_repair(notification) || !retry_is_transient(err) ||
        ++notification->tries == REPAIR_TRIES)
        return false;
    notification->pause =
        loop_after(notification->message->loop, (int64_t)RETRY_MS << (notification->tries - 1),
                   publish, notification);
    return true;
}

static void keep_in_log(const struct notification *notification)
{
    static const char *const left_out[] = {"steps", "controls", "risk",   "advice",
                                           "url",   "impact",   "repair", NULL};
    const struct log_subject subject = resource_subject(notification->resource);
    json_t *finding = json_copy(notification->finding);
    for (const char *const *key = left_out; *key != NULL; key++)
        json_object_del(finding, *key);
    char *text = json_text(finding);
    log_about(LOG_ERROR, &subject, "a repair was not notified: %s", text);
    mem_free(text);
    json_decref(finding);
}

static void on_published(void *arg, const struct err *err)
{
    struct notification *notification = arg;
    if (err != NULL && try_again(notification, err))
        return;
    if (err != NULL && is_repair(notification))
        keep_in_log(notification);
    message_done done = notification->done;
    void *done_arg = notification->arg;
    notification_free(notification);
    done(done_arg, err);
}

static void publish(void *arg)
{
    struct notification *notification = arg;
    notification->pause = NULL;
    char *subject = subject_of(notification->resource, notification->finding);
    char *body = body_of(notification->resource, notification->finding);
    const struct message_notice notice = {
        .subject = subject,
        .body = body,
        .group = notification->resource->account,
        .attributes = attributes_of(notification->resource, notification->finding)};
    message_publish(notification->message, &notice, on_published, notification);
    mem_free(subject);
    mem_free(body);
}

void message_finding(struct message *message, const struct resource *resource,
                     const json_t *finding, message_done done, void *arg)
{
    struct notification *notification = mem_alloc(sizeof *notification);
    *notification = (struct notification){.message = message,
                                          .resource = resource,
                                          .finding = json_incref((json_t *)(uintptr_t)finding),
                                          .done = done,
                                          .arg = arg};
    notification->part.drop = drop;
    message_hold(message, &notification->part);
    publish(notification);
}
