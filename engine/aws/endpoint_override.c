#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "aws/endpoint_internal.h"
#include "value/uri.h"

#define PREFIX "AWS_ENDPOINT_URL"

static const char *variable(const struct endpoints *endpoints, const char *name)
{
    const char *value = endpoints->getenv != NULL ? endpoints->getenv(name) : NULL;
    return value != NULL && value[0] != '\0' ? value : NULL;
}

/* "Elastic Load Balancing v2" is asked for as AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2. */
static void variable_name(const char *service_id, char out[128])
{
    size_t at = (size_t)snprintf(out, 128, PREFIX "_");
    for (; *service_id != '\0' && at < 127; service_id++) {
        char c = *service_id;
        out[at++] = c == ' ' || c == '-' ? '_' : (char)toupper((unsigned char)c);
    }
    out[at] = '\0';
}

const char *override_url(const struct endpoints *endpoints, const char *service_id)
{
    char name[128];
    const char *ignore = variable(endpoints, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
    if (ignore != NULL && strcasecmp(ignore, "true") == 0)
        return NULL;
    variable_name(service_id, name);
    const char *own = variable(endpoints, name);
    return own != NULL ? own : variable(endpoints, PREFIX);
}

static int copy_parts(const struct uri *uri, const char *host, struct endpoint *endpoint)
{
    size_t path = strlen(uri->path);
    while (path > 0 && uri->path[path - 1] == '/')
        path--;
    int base = snprintf(endpoint->base, sizeof endpoint->base, "%s://%s", uri->scheme, host);
    int name = snprintf(endpoint->host, sizeof endpoint->host, "%s", host);
    int prefix =
        snprintf(endpoint->path_prefix, sizeof endpoint->path_prefix, "%.*s", (int)path, uri->path);
    bool fits = base < (int)sizeof endpoint->base && name < (int)sizeof endpoint->host &&
                prefix < (int)sizeof endpoint->path_prefix;
    return fits ? 0 : -1;
}

int override_apply(const char *url, struct endpoint *endpoint, struct err *err)
{
    struct uri uri;
    struct buf host;
    if (uri_parse(url, &uri, err) != 0)
        return err_prefix(err, PREFIX);
    buf_init(&host, sizeof endpoint->host);
    int result = uri_host_header(&uri, &host);
    if (result == 0)
        result = copy_parts(&uri, buf_text(&host), endpoint);
    if (result != 0)
        err_set(err, ERR_USAGE, PREFIX ": the URL is too long");
    buf_clear(&host);
    uri_clear(&uri);
    endpoint->overridden = true;
    return result;
}
