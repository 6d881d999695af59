#include "notify/message_parameter.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "notify/message_arn.h"
#include "notify/message_internal.h"

#define SCHEME "ssm:"
#define ARN_SERVICE 2
#define ARN_REGION 3
/* AWS Systems Manager API Reference, PutParameter, "Name": letters, digits and _.- with / between
 * levels, at most 1,011 characters. */
#define NAME_MAX_CHARS 1011
#define NAME_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/"

struct reading {
    struct message_part part; /* first: the message drops it */
    const char *text;
    client_done done;
    void *arg;
};

static bool is_arn(const char *text)
{
    char service[16];
    return strcmp(message_arn_field(text, ARN_SERVICE, service, sizeof service), "ssm") == 0;
}

bool message_parameter_is(const char *text)
{
    return strncmp(text, SCHEME, strlen(SCHEME)) == 0 || is_arn(text);
}

/* Without what stands before it. NULL: the ARN is not one of a parameter. */
static const char *name_in(const char *text)
{
    if (!is_arn(text))
        return text + strlen(SCHEME);
    const char *resource = strstr(text, ":parameter/");
    return resource != NULL ? resource + strlen(":parameter") : NULL;
}

int message_parameter_check(const char *text, struct err *err)
{
    const char *name = name_in(text);
    size_t length = name != NULL ? strlen(name) : 0;
    if (length > 1 && strlen(text) <= NAME_MAX_CHARS && strspn(name, NAME_CHARS) == length)
        return 0;
    return err_set(err, ERR_USAGE,
                   "'%.100s' is not a parameter: write ssm:/name, or the ARN of a parameter", text);
}

static void drop(struct message_part *part)
{
    message_release(part);
    mem_free(part);
}

static void on_reply(void *arg, json_t *result, const struct err *err)
{
    struct reading reading = *(struct reading *)arg;
    struct err failure = err != NULL ? *err : (struct err){0};
    drop(&((struct reading *)arg)->part);
    /* The message of ParameterNotFound is empty. */
    if (err != NULL && failure.code[0] != '\0')
        err_prefix(&failure, "%s cannot be read: %s", reading.text, failure.code);
    else if (err != NULL)
        err_prefix(&failure, "%s cannot be read", reading.text);
    reading.done(reading.arg, result, err != NULL ? &failure : NULL);
}

/* A parameter of another account, which is shared, is read by its ARN. */
void message_parameter_get(struct message *message, const char *text, client_done done, void *arg)
{
    char region[64];
    struct reading *reading = mem_alloc(sizeof *reading);
    reading->text = text;
    reading->done = done;
    reading->arg = arg;
    reading->part.drop = drop;
    message_hold(message, &reading->part);
    if (message_arn_field(text, ARN_REGION, region, sizeof region)[0] == '\0')
        snprintf(region, sizeof region, "%s", message_default_region(message));
    json_t *params = json_pack("{s:s}", "Name", is_arn(text) ? text : name_in(text));
    const struct message_order order = {.region = region,
                                        .service = "ssm",
                                        .operation = "GetParameter",
                                        .params = params,
                                        .repeatable = true,
                                        .done = on_reply,
                                        .arg = reading};
    message_send(message, &order);
}
