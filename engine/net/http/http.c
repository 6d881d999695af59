#include "net/http/http.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/http/http_ca.h"
#include "net/http/http_easy.h"
#include "net/http/http_idle.h"
#include "net/http/http_internal.h"
#include "net/http/http_multi.h"
#include "net/http/http_transfer.h"

/* Is any variable set that libcurl looks for? It would look for all of them in every transfer. */
static bool names_proxy(void)
{
    static const char *const names[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
                                        "ALL_PROXY"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (getenv(names[i]) != NULL)
            return true;
    }
    return false;
}

struct http *http_new(struct loop *loop, const struct http_options *options)
{
    struct http *http = mem_alloc(sizeof *http);
    http->loop = loop;
    http->ca_bundle = mem_strdup(options->ca_bundle);
    http->user_agent = mem_strdup(options->user_agent);
    http->max_held = options->max_held != 0 ? options->max_held : HTTP_MAX_HELD;
    http_ca_find(http->ca_bundle, &http->ca);
    /* libcurl reads only the lower-case http_proxy, because a CGI program finds a header of its
     * client in HTTP_PROXY. AWS's tools read both. */
    if (getenv("http_proxy") == NULL && getenv("REQUEST_METHOD") == NULL)
        http->plain_proxy = getenv("HTTP_PROXY");
    http->no_proxy = http->plain_proxy == NULL && !names_proxy();
    http_multi_init(http, options);
    return http;
}

static void on_refused(void *arg)
{
    struct http_transfer *transfer = arg;
    struct err err = {0};
    transfer->refused = NULL;
    err_set(&err, ERR_NET, "the request cannot be sent: %s", transfer->refusal);
    http_finish(transfer, &err);
}

static struct http_transfer *start(void *self, const struct http_request *request, http_done done,
                                   void *arg)
{
    struct http *http = self;
    struct http_transfer *transfer = http_transfer_take(http);
    transfer->done = done;
    transfer->arg = arg;
    if (http_easy_setup(transfer, request) == 0 &&
        curl_multi_add_handle(http->multi, transfer->easy) != CURLM_OK)
        transfer->refusal = "libcurl rejects it";
    if (transfer->refusal != NULL) {
        transfer->refused = loop_after(http->loop, 0, on_refused, transfer);
        return transfer;
    }
    http_multi_grow(http);
    http_idle_expect(http, transfer->progress + transfer->idle_ms);
    return transfer;
}

static void cancel(void *self, struct http_transfer *transfer)
{
    (void)self;
    http_transfer_detach(transfer);
    http_transfer_give_back(transfer);
}

void http_free(struct http *http)
{
    if (http == NULL)
        return;
    while (http->active != NULL)
        cancel(http, http->active);
    while (http->pool != NULL) {
        struct http_transfer *transfer = http->pool;
        http->pool = transfer->next;
        http_transfer_free(transfer);
    }
    loop_cancel(http->loop, http->idle_timer);
    loop_cancel(http->loop, http->resume_timer);
    http_multi_clear(http);
    mem_free(http->ca_bundle);
    mem_free(http->user_agent);
    mem_free(http);
}

struct http_transport http_transport_of(struct http *http)
{
    return (struct http_transport){start, cancel, http};
}

const char *http_header_value(const struct http_response *response, const char *name)
{
    for (size_t i = 0; i < response->header_count; i++) {
        if (strcmp(response->headers[i].name, name) == 0)
            return response->headers[i].value;
    }
    return NULL;
}
