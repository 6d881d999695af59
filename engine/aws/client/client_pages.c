#include "aws/client/client_pages.h"

#include <string.h>

#include "aws/client/client.h"
#include "aws/model/model.h"
#include "aws/model/model_open.h"
#include "aws/model/model_path.h"
#include "base/mem.h"

/* The pages of one operation: the parameters of the first call, with the tokens of the last
 * response. */
struct client_pages {
    struct client *client;
    const struct session *session;
    char *region;
    char *service;
    char *operation;
    json_t *params;
    struct model_paginator paginator;
    struct client_call *call; /* in progress, or NULL */
    client_done done;
    void *arg;
    bool ended;
    bool stuck; /* there are more pages, but no new token to request them with */
};

static int find_paginator(struct client *client, const struct call *first,
                          struct model_paginator *paginator, struct err *err)
{
    model_operation operation;
    const struct model *model = model_open(client_models(client), first->service, err);
    if (model == NULL || model_find_operation(model, first->operation, &operation, err) != 0)
        return -1;
    if (model_paginator(model, operation, paginator))
        return 0;
    return err_set(err, ERR_PARAM, "%s:%s has no pages: call it directly", first->service,
                   first->operation);
}

struct client_pages *client_pages_new(struct client *client, const struct call *first,
                                      struct err *err)
{
    struct model_paginator paginator;
    if (find_paginator(client, first, &paginator, err) != 0)
        return NULL;
    struct client_pages *pages = mem_alloc(sizeof *pages);
    pages->client = client;
    pages->session = first->session;
    pages->region = mem_strdup(first->region);
    pages->service = mem_strdup(first->service);
    pages->operation = mem_strdup(first->operation);
    pages->params = first->params != NULL ? json_deep_copy(first->params) : json_object();
    pages->paginator = paginator;
    return pages;
}

void client_pages_cancel(struct client_pages *pages)
{
    if (pages->call != NULL)
        client_cancel(pages->client, pages->call);
    pages->call = NULL;
}

void client_pages_free(struct client_pages *pages)
{
    if (pages == NULL)
        return;
    client_pages_cancel(pages);
    json_decref(pages->params);
    mem_free(pages->region);
    mem_free(pages->service);
    mem_free(pages->operation);
    mem_free(pages);
}

static bool is_nothing(const json_t *value)
{
    return value == NULL || json_is_null(value) || json_is_false(value) ||
           (json_is_string(value) && json_string_length(value) == 0);
}

/* Does the service say explicitly, not only by a token, that there are more pages? */
static bool has_more_pages(const struct client_pages *pages, const json_t *result)
{
    const char *path = pages->paginator.more_results;
    return path != NULL && path[0] != '\0' && !is_nothing(model_path_get(result, path));
}

static bool has_more(const struct client_pages *pages, const json_t *result)
{
    const char *path = pages->paginator.more_results;
    return path == NULL || path[0] == '\0' || has_more_pages(pages, result);
}

/* The tokens of the response become parameters. Returns false if there are none. A token that was
 * seen before would repeat the same pages forever, and stopping there would look like a complete
 * list. The same holds if there are more pages but no token. */
static bool take_tokens(struct client_pages *pages, const json_t *result)
{
    bool found = false, changed = false;
    for (size_t i = 0; i < pages->paginator.token_count; i++) {
        const char *name = pages->paginator.input_token[i];
        json_t *token = model_path_get(result, pages->paginator.output_token[i]);
        if (is_nothing(token)) {
            json_object_del(pages->params, name);
            continue;
        }
        found = true;
        changed |= !json_equal(token, json_object_get(pages->params, name));
        json_object_set(pages->params, name, token);
    }
    pages->stuck = !changed && (found || has_more_pages(pages, result));
    return found || pages->stuck;
}

static void on_page(void *arg, json_t *result, const struct err *err)
{
    struct client_pages *pages = arg;
    pages->call = NULL;
    pages->ended = err != NULL || !has_more(pages, result) || !take_tokens(pages, result);
    pages->done(pages->arg, result, err);
}

bool client_pages_has_next(const struct client_pages *pages)
{
    return !pages->ended;
}

bool client_pages_next(struct client_pages *pages, struct err *err, client_done done, void *arg)
{
    const struct call call = {.session = pages->session,
                              .region = pages->region,
                              .service = pages->service,
                              .operation = pages->operation,
                              .params = pages->params};
    err_clear(err);
    if (pages->call != NULL) {
        err_set(err, ERR_INTERNAL, "%s:%s: a page is already being fetched", pages->service,
                pages->operation);
        return false;
    }
    if (pages->ended)
        return false;
    if (pages->stuck) {
        pages->ended = true;
        err_set(err, ERR_PARSE, "%s:%s has more pages, but returned no new token for the next one",
                pages->service, pages->operation);
        return false;
    }
    pages->done = done;
    pages->arg = arg;
    pages->call = client_start(pages->client, &call, err, on_page, pages);
    pages->ended = pages->call == NULL;
    return pages->call != NULL;
}
