#include "aws/endpoint/endpoint_override.h"

#include <stdio.h>
#include <string.h>

#include "aws/endpoint/endpoint.h"
#include "value/uri.h"

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

int override_apply(const char *url, const char *source, struct endpoint *endpoint, struct err *err)
{
    struct uri uri;
    struct buf host;
    if (uri_parse(url, &uri, err) != 0)
        return err_prefix(err, "%s", source);
    buf_init(&host, sizeof endpoint->host);
    int result = uri_host_header(&uri, &host);
    if (result == 0)
        result = copy_parts(&uri, buf_text(&host), endpoint);
    if (result != 0)
        err_set(err, ERR_USAGE, "%s: the URL is too long", source);
    buf_clear(&host);
    uri_clear(&uri);
    endpoint->overridden = true;
    return result;
}
