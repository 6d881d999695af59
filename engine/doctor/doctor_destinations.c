#include "doctor/doctor_destinations.h"

#include <stdio.h>
#include <string.h>

#include "accounts/own_reads.h"
#include "aws/operations/refusal.h"
#include "base/mem.h"
#include "doctor/doctor_refusal.h"
#include "notify/message_arn.h"
#include "notify/message_url.h"
#include "value/json.h"

static const char *const actions[] = {"sqs:GetQueueAttributes", "sns:GetTopicAttributes",
                                      "dynamodb:DescribeTable", "events:DescribeEventBus", NULL};

/* How a kind of destination is read. */
struct kind {
    const char *probe, *service, *operation;
    const char *parameter; /* that names it */
};
static const struct kind queue = {"queue", "sqs", "GetQueueAttributes", "QueueUrl"};
static const struct kind topic = {"topic", "sns", "GetTopicAttributes", "TopicArn"};
static const struct kind table = {"table", "dynamodb", "DescribeTable", "TableName"};
static const struct kind bus = {"bus", "events", "DescribeEventBus", "Name"};

#define MOST_DESTINATIONS 7

struct destination {
    struct doctor_destinations *destinations;
    const struct kind *kind;
    const char *variable; /* that names it */
    const char *name;
    struct err err; /* why it could not be read */
};

struct doctor_destinations {
    const struct doctor *doctor;
    struct doctor_section *section;
    struct opset *reads;
    struct session session;
    struct destination items[MOST_DESTINATIONS];
    size_t count, waiting;
};

static void tell(const struct destination *destination)
{
    struct doctor_section *section = destination->destinations->section;
    const char *probe = destination->kind->probe, *name = destination->name,
               *variable = destination->variable;
    char *why = doctor_refusal(destination->err.operation, &destination->err);
    json_t *item;
    if (destination->err.kind == ERR_NONE) {
        item = doctor_add(section, DOCTOR_OK, probe, "%s: %s exists", variable, name);
    } else if (refusal_of_permission(&destination->err)) {
        item = doctor_add(section, DOCTOR_NOT_CHECKED, probe, "%s: %s: %s", variable, name, why);
        doctor_advise(item, "only engine doctor needs this permission: whether messages may be "
                            "sent, or items written, is not known");
    } else {
        item = doctor_add(section, DOCTOR_FAILED, probe, "%s: %s: %s", variable, name, why);
        doctor_advise(item, "correct %s, or create what it names", variable);
    }
    doctor_set(item, "variable", json_string(variable));
    mem_free(why);
}

static void finish_one(struct doctor_destinations *destinations)
{
    if (--destinations->waiting > 0)
        return;
    for (size_t i = 0; i < destinations->count; i++)
        tell(&destinations->items[i]);
    doctor_section_end(destinations->section);
}

static void on_answer(void *arg, json_t *result, const struct err *err)
{
    struct destination *destination = arg;
    (void)result;
    if (err != NULL)
        destination->err = *err;
    finish_one(destination->destinations);
}

/* The region and the parameters of the call that reads it; NULL with the destination's err. */
static json_t *params_of(struct destination *destination, char region[64])
{
    struct message *message = destination->destinations->doctor->context->message;
    if (destination->kind == &queue) {
        char *url = message_queue_url(message, destination->name, region, &destination->err);
        json_t *params =
            url != NULL ? json_pack("{s:s, s:[s]}", "QueueUrl", url, "AttributeNames", "QueueArn")
                        : NULL;
        mem_free(url);
        return params;
    }
    if (message_arn_field(destination->name, 3, region, 64)[0] == '\0')
        snprintf(region, 64, "%s", message_default_region(message));
    return json_pack("{s:s}", destination->kind->parameter, destination->name);
}

static void ask(struct destination *destination)
{
    struct doctor_destinations *destinations = destination->destinations;
    char region[64];
    json_t *params = params_of(destination, region);
    const struct call call = {.session = &destinations->session,
                              .region = region,
                              .service = destination->kind->service,
                              .operation = destination->kind->operation,
                              .params = params};
    destinations->waiting++;
    if (params == NULL || client_start(destinations->doctor->context->client, &call,
                                       &destination->err, on_answer, destination) == NULL)
        destinations->waiting--;
    json_decref(params);
}

static void add(struct doctor_destinations *destinations, const struct kind *kind,
                const char *variable, const char *name)
{
    if (name == NULL || name[0] == '\0')
        return;
    struct destination *destination = &destinations->items[destinations->count++];
    *destination = (struct destination){
        .destinations = destinations, .kind = kind, .variable = variable, .name = name};
    ask(destination);
}

struct doctor_destinations *doctor_destinations_start(const struct doctor *doctor)
{
    const struct settings *settings = doctor->context->settings;
    struct doctor_destinations *destinations = mem_alloc(sizeof *destinations);
    destinations->doctor = doctor;
    destinations->section = doctor_section_new(doctor->report, NULL);
    destinations->reads = own_reads_set(actions);
    destinations->session = (struct session){.account = "",
                                             .provider = doctor->own,
                                             .permit = PERMIT_READ,
                                             .allowed = destinations->reads};
    destinations->waiting = 1;
    add(destinations, &queue, "POLLER_SQS", settings->poller_sqs);
    add(destinations, &queue, "POLL_QUEUE", settings->poll_queue);
    add(destinations, &queue, "SQS", settings->translator_sqs);
    add(destinations, &queue, "SQS_QUEUE", settings->sqs_queue);
    add(destinations, &topic, "NOTIFICATION_TOPIC", settings->notification_topic);
    add(destinations, &bus, "EVENT_BUS", settings->event_bus);
    add(destinations, &table, "STATE_TABLE", settings->state_table);
    finish_one(destinations);
    return destinations;
}

void doctor_destinations_free(struct doctor_destinations *destinations)
{
    if (destinations == NULL)
        return;
    opset_free(destinations->reads);
    mem_free(destinations);
}
