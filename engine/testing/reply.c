#include "testing/reply.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "aws/model/model_open.h"
#include "aws/protocol/proto_validate.h"
#include "base/mem.h"
#include "testing/file_keys.h"
#include "value/json.h"

#define REFUSED_STATUS 403
#define ERROR_STATUS 400

int reply_operation(struct model_set *models, const char *name, const struct model **model,
                    model_operation *operation, struct err *err)
{
    const char *colon = strchr(name, ':');
    if (colon == NULL)
        return err_set(err, ERR_POLICY, "\"%s\" is not of the form service:Operation", name);
    char *service = mem_strndup(name, (size_t)(colon - name));
    *model = model_open(models, service, err);
    mem_free(service);
    return *model != NULL ? model_find_operation(*model, colon + 1, operation, err) : -1;
}

static bool is_fault(const json_t *reply)
{
    return json_is_string(json_object_get(reply, "fault"));
}

static const json_t *pages_of(const json_t *reply)
{
    const json_t *pages = json_object_get(reply, "pages");
    return json_object_size(reply) == 1 && json_is_array(pages) ? pages : NULL;
}

/* A result is never a list, so a list that is not empty holds alternatives. */
static bool is_choice(const json_t *reply)
{
    return json_is_array(reply) && json_array_size(reply) > 0;
}

/* ---- checking ---- */

struct reply_check {
    const struct model *model;
    model_operation operation;
    struct err *err;
};

static int check_result(const struct reply_check *check, const json_t *result, const char *where)
{
    if (proto_validate_answer(check->model, check->operation, result, check->err) == 0)
        return 0;
    check->err->kind = ERR_POLICY;
    return err_prefix(check->err, "%s", where);
}

static int check_fault(const struct reply_check *check, const json_t *reply, const char *where)
{
    static const struct file_key keys[] = {{"fault", JSON_STRING, true},
                                           {"message", JSON_STRING, false},
                                           {"status", JSON_INTEGER, false},
                                           {0}};
    return file_keys(reply, keys, where, check->err);
}

static int check_pages(const struct reply_check *check, const json_t *pages, const char *where)
{
    struct model_paginator paginator;
    size_t i;
    json_t *page;
    if (!model_paginator(check->model, check->operation, &paginator))
        return err_set(check->err, ERR_POLICY,
                       "%s: the API model has no pages for this operation: give one reply", where);
    json_array_foreach (pages, i, page) {
        char *inner = mem_printf("%s: pages[%zu]", where, i + 1);
        int result =
            is_fault(page) ? check_fault(check, page, inner) : check_result(check, page, inner);
        mem_free(inner);
        if (result != 0)
            return -1;
    }
    return 0;
}

static int check_one(const struct reply_check *check, const json_t *reply, const char *where)
{
    if (!json_is_object(reply) && !(json_is_array(reply) && json_array_size(reply) == 0))
        return err_set(check->err, ERR_POLICY, "%s: a reply is a table", where);
    if (is_fault(reply))
        return check_fault(check, reply, where);
    const json_t *pages = pages_of(reply);
    return pages != NULL ? check_pages(check, pages, where) : check_result(check, reply, where);
}

static int check_choice(const struct reply_check *check, const json_t *choice, const char *where)
{
    static const struct file_key keys[] = {
        {"with", FILE_TABLE, true}, {"reply", FILE_TABLE, true}, {0}};
    size_t i;
    json_t *one;
    json_array_foreach (choice, i, one) {
        char *inner = mem_printf("%s[%zu]", where, i + 1);
        int result = file_keys(one, keys, inner, check->err);
        if (result == 0)
            result = check_one(check, json_object_get(one, "reply"), inner);
        mem_free(inner);
        if (result != 0)
            return -1;
    }
    return 0;
}

int reply_check(struct model_set *models, const char *operation, const json_t *reply,
                const char *where, struct err *err)
{
    struct reply_check check = {.err = err};
    if (reply_operation(models, operation, &check.model, &check.operation, err) != 0) {
        err->kind = ERR_POLICY;
        return err_prefix(err, "%s", where);
    }
    return is_choice(reply) ? check_choice(&check, reply, where) : check_one(&check, reply, where);
}

/* ---- answering ---- */

static int give_fault(const json_t *reply, struct err *err)
{
    const char *code = json_get_string(reply, "fault", "");
    int status = strstr(code, "Denied") != NULL ? REFUSED_STATUS : ERROR_STATUS;
    err_set(err, ERR_API, "%s", json_get_string(reply, "message", code));
    snprintf(err->code, sizeof err->code, "%s", code);
    err->status = (int)json_get_integer(reply, "status", status);
    return -1;
}

/* "NextToken", or the first alternative of "NextMarker || Contents[-1].Key". mem_free; NULL if it
 * is not a plain name. */
static char *plain_token(const char *path)
{
    char *name = mem_strndup(path, strcspn(path, " |"));
    if (name[0] != '\0' && strpbrk(name, ".[") == NULL)
        return name;
    mem_free(name);
    return NULL;
}

static size_t page_asked(const struct model_paginator *paginator, const json_t *params)
{
    size_t number = 1;
    const char *token = json_get_string(params, paginator->input_token[0], "");
    return sscanf(token, "page-%zu", &number) == 1 ? number : 1;
}

static void set_plain(json_t *page, const char *path, json_t *value)
{
    char *name = plain_token(path);
    if (name != NULL)
        json_object_set(page, name, value);
    json_decref(value);
    mem_free(name);
}

/* The tokens are numbers of pages. */
static void add_tokens(json_t *page, const struct model_paginator *paginator, size_t next)
{
    char token[32];
    snprintf(token, sizeof token, "page-%zu", next);
    for (size_t i = 0; i < paginator->token_count; i++)
        set_plain(page, paginator->output_token[i], json_string(token));
    if (paginator->more_results[0] != '\0')
        set_plain(page, paginator->more_results, json_true());
}

static int give_page(const struct model *model, model_operation operation, const json_t *pages,
                     const json_t *params, json_t **result, struct err *err)
{
    struct model_paginator paginator;
    model_paginator(model, operation, &paginator);
    size_t number = page_asked(&paginator, params);
    const json_t *page = json_array_get(pages, number - 1);
    if (is_fault(page))
        return give_fault(page, err);
    *result = json_is_object(page) ? json_deep_copy(page) : json_object();
    if (number < json_array_size(pages))
        add_tokens(*result, &paginator, number + 1);
    return 0;
}

/* Do all of these parameters occur in the call? */
static bool occurs(const json_t *with, const json_t *params)
{
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)(uintptr_t)with, key, value) {
        const json_t *given = json_object_get(params, key);
        if (given == NULL || !json_equal(value, given))
            return false;
    }
    return true;
}

static const json_t *choose(const json_t *choice, const json_t *params)
{
    size_t i;
    json_t *one;
    json_array_foreach (choice, i, one) {
        if (occurs(json_object_get(one, "with"), params))
            return json_object_get(one, "reply");
    }
    return NULL;
}

int reply_give(const struct model *model, model_operation operation, const json_t *reply,
               const json_t *params, json_t **result, struct err *err)
{
    const json_t *given = is_choice(reply) ? choose(reply, params) : reply;
    if (given == NULL)
        return err_set(err, ERR_PARAM, "none of the replies is for these parameters");
    if (is_fault(given))
        return give_fault(given, err);
    const json_t *pages = pages_of(given);
    if (pages != NULL)
        return give_page(model, operation, pages, params, result, err);
    *result = json_is_object(given) ? json_deep_copy(given) : json_object();
    return 0;
}
