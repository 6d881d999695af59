#include "notify/message_url.h"

#include <stdio.h>
#include <string.h>

#include "aws/model/model_open.h"
#include "base/mem.h"
#include "notify/message_arn.h"
#include "notify/message_internal.h"
#include "settings/settings_value.h"
#include "value/uri.h"

#define FIELD 128

/* The label of a host name that is a region: "sqs.us-east-1.amazonaws.com", the older form
 * "us-east-1.queue.amazonaws.com", or "vpce-1.sqs.us-east-1.vpce…" for an interface endpoint. */
static bool region_in_host(const char *host, char region[64])
{
    while (*host != '\0') {
        size_t length = strcspn(host, ".");
        snprintf(region, 64, "%.*s", (int)(length < 64 ? length : 63), host);
        if (settings_check_region("", region, NULL) == 0)
            return true;
        host += length + (host[length] == '.');
    }
    return false;
}

static char *from_url(const struct message *message, const char *url, char region[64],
                      struct err *err)
{
    struct uri uri;
    if (uri_parse(url, &uri, err) != 0)
        return NULL;
    if (!region_in_host(uri.host, region))
        snprintf(region, 64, "%s", message_default_region(message));
    uri_clear(&uri);
    return mem_strdup(url);
}

static char *from_arn(struct message *message, const char *arn, char region[64], struct err *err)
{
    struct endpoint endpoint;
    char account[FIELD], name[FIELD], service[FIELD];
    message_arn_field(arn, 2, service, sizeof service);
    message_arn_field(arn, 3, region, 64);
    message_arn_field(arn, 4, account, sizeof account);
    message_arn_field(arn, 5, name, sizeof name);
    if (strcmp(service, "sqs") != 0 || settings_check_region("", region, NULL) != 0 ||
        settings_check_account("", account, NULL) != 0 || name[0] == '\0') {
        err_set(err, ERR_USAGE, "'%s' is not the ARN of a queue", arn);
        return NULL;
    }
    const struct model *model = model_open(client_models(message->client), "sqs", err);
    if (model == NULL || endpoint_resolve(client_endpoints(message->client), model, region, NULL,
                                          NULL, &endpoint, err) != 0)
        return NULL;
    return mem_printf("%s%s/%s/%s", endpoint.base, endpoint.path_prefix, account, name);
}

char *message_queue_url(struct message *message, const char *url_or_arn, char region[64],
                        struct err *err)
{
    if (strncmp(url_or_arn, "arn:", 4) == 0)
        return from_arn(message, url_or_arn, region, err);
    return from_url(message, url_or_arn, region, err);
}
