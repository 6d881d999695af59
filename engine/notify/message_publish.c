#include "notify/message_publish.h"

#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "notify/message.h"
#include "notify/message_arn.h"
#include "notify/message_internal.h"

#define SUBJECT_MAX 99

struct notice {
    message_done done;
    void *arg;
};

/* Replaces everything that is not printable ASCII by '?', one for each UTF-8 character. */
static void make_printable(char *text)
{
    char *to = text;
    for (const char *from = text; *from != '\0'; from++) {
        unsigned char c = (unsigned char)*from;
        if (c >= 0x20 && c < 0x7f)
            *to++ = *from;
        else if ((c & 0xc0) != 0x80)
            *to++ = '?';
    }
    *to = '\0';
}

static char *subject_text(const char *text)
{
    char *subject = mem_strdup(text);
    make_printable(subject);
    if (strlen(subject) > SUBJECT_MAX)
        memcpy(subject + SUBJECT_MAX - 3, "...", 4);
    return subject;
}

/* Amazon SNS Developer Guide, "Message deduplication for FIFO topics": equal bodies within five
 * minutes count as one message. */
static void add_fifo(json_t *params, const char *topic, const char *group, const char *body)
{
    size_t length = strlen(topic);
    unsigned char digest[SHA256_BYTES];
    char hex[SHA256_HEX];
    if (length < 5 || strcmp(topic + length - 5, ".fifo") != 0)
        return;
    digest_sha256(body, strlen(body), digest);
    digest_hex(digest, sizeof digest, hex);
    json_object_set_new(params, "MessageGroupId", json_string(group));
    json_object_set_new(params, "MessageDeduplicationId", json_string(hex));
}

static json_t *attributes_param(const json_t *attributes)
{
    const char *name;
    json_t *value;
    json_t *param = json_object();
    json_object_foreach ((json_t *)(uintptr_t)attributes, name, value) {
        if (json_string_length(value) > 0)
            json_object_set_new(
                param, name, json_pack("{s:s, s:O}", "DataType", "String", "StringValue", value));
    }
    return param;
}

static json_t *params_of(const char *topic, const struct message_notice *notice)
{
    char *subject = subject_text(notice->subject);
    json_t *params =
        json_pack("{s:s, s:s, s:s, s:o}", "TopicArn", topic, "Subject", subject, "Message",
                  notice->body, "MessageAttributes", attributes_param(notice->attributes));
    add_fifo(params, topic, notice->group, notice->body);
    mem_free(subject);
    return params;
}

static void published(void *arg, json_t *result, const struct err *err)
{
    struct notice *notice = arg;
    struct notice copy = *notice;
    struct err failure = err != NULL ? *err : (struct err){0};
    (void)result;
    mem_free(notice);
    if (err != NULL)
        err_prefix(&failure, "not sent to NOTIFICATION_TOPIC");
    copy.done(copy.arg, err != NULL ? &failure : NULL);
}

static void nothing_sent(void *arg)
{
    published(arg, NULL, NULL);
}

static void publish(struct message *message, const char *topic, json_t *params,
                    struct notice *notice)
{
    char region[64];
    if (message_arn_field(topic, 3, region, sizeof region)[0] == '\0')
        snprintf(region, sizeof region, "%s", message_default_region(message));
    struct message_order order = {.region = region,
                                  .service = "sns",
                                  .operation = "Publish",
                                  .params = params,
                                  .done = published,
                                  .arg = notice,
                                  .owns_arg = true};
    message_send(message, &order);
}

void message_publish(struct message *message, const struct message_notice *text, message_done done,
                     void *arg)
{
    const char *topic = message->settings->notification_topic;
    struct notice *notice = mem_alloc(sizeof *notice);
    *notice = (struct notice){.done = done, .arg = arg};
    if (topic == NULL || text->body == NULL)
        loop_defer(message->loop, nothing_sent, notice);
    else
        publish(message, topic, params_of(topic, text), notice);
    json_decref(text->attributes);
}
