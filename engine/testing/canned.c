#include "testing/canned.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "testing/difference.h"
#include "testing/literal.h"
#include "testing/reply.h"
#include "value/json.h"

#define MAX_SHOWN 2000
#define WHO_AM_I "sts:GetCallerIdentity"

void canned_init(struct canned *canned, struct model_set *models)
{
    *canned = (struct canned){.models = models, .called = json_object()};
}

void canned_clear(struct canned *canned)
{
    json_decref(canned->called);
    text_list_clear(&canned->problems);
}

void canned_begin(struct canned *canned, const char *account, const json_t *replies,
                  const json_t *changes)
{
    canned->account = account;
    canned->replies = replies;
    canned->changes = changes;
    canned->refused = NULL;
    canned->made = 0;
    canned->undoing = false;
    json_object_clear(canned->called);
    text_list_clear(&canned->problems);
}

static int refuse(struct err *err, const char *code, int status, const char *message)
{
    err_set(err, ERR_API, "%s", message);
    snprintf(err->code, sizeof err->code, "%s", code);
    err->status = status;
    return -1;
}

/* The error of a call that the test does not expect. */
static int refuse_unexpected(struct canned *canned, char *problem, struct err *err)
{
    text_list_add(&canned->problems, problem);
    refuse(err, "UnexpectedCall", 400, problem);
    mem_free(problem);
    return -1;
}

/* ---- reads ---- */

static const json_t *find_reply(const struct canned *canned, const char *name)
{
    for (size_t i = canned->made; i > 0; i--) {
        const json_t *change = json_array_get(canned->changes, i - 1);
        const json_t *reply = json_object_get(json_object_get(change, "replies"), name);
        if (reply != NULL)
            return reply;
    }
    return json_object_get(canned->replies, name);
}

static json_t *caller_of(const struct canned *canned)
{
    char *arn = mem_printf("arn:aws:sts::%s:assumed-role/member_remediator/test", canned->account);
    json_t *caller =
        json_pack("{s:s, s:s, s:s}", "Account", canned->account, "Arn", arn, "UserId", "AROATEST");
    mem_free(arn);
    return caller;
}

static int answer_read(struct canned *canned, const char *name, const struct call *call,
                       json_t **result, struct err *err)
{
    const struct model *model;
    model_operation operation;
    const json_t *reply = find_reply(canned, name);
    if (reply == NULL && strcmp(name, WHO_AM_I) == 0) {
        *result = caller_of(canned);
        return 0;
    }
    char *params = literal_text(call->params, MAX_SHOWN);
    int failed = reply == NULL ||
                 reply_operation(canned->models, name, &model, &operation, err) != 0 ||
                 reply_give(model, operation, reply, call->params, result, err) != 0;
    char *problem = failed && err->kind != ERR_API
                        ? mem_printf("there is no reply for the call %s %s", name, params)
                        : NULL;
    mem_free(params);
    if (problem != NULL)
        return refuse_unexpected(canned, problem, err);
    return failed ? -1 : 0;
}

/* ---- changes ---- */

/* The change that the test expects now; NULL: none. */
static const json_t *expected_change(const struct canned *canned)
{
    if (!canned->undoing)
        return json_array_get(canned->changes, canned->made);
    const json_t *last =
        canned->made > 0 ? json_array_get(canned->changes, canned->made - 1) : NULL;
    return json_object_get(last, "undo");
}

static void compare(const struct canned *canned, const json_t *expected, const json_t *found,
                    struct text_list *lines)
{
    char *where = canned->undoing ? mem_printf("changes[%zu].undo", canned->made)
                                  : mem_printf("changes[%zu]", canned->made + 1);
    json_t *wanted = json_object();
    if (expected != NULL) {
        json_object_set(wanted, "call", json_object_get(expected, "call"));
        json_object_set(wanted, "with", json_object_get(expected, "with"));
    }
    difference(where, expected != NULL ? wanted : NULL, found, lines);
    json_decref(wanted);
    mem_free(where);
}

static int answer_change(struct canned *canned, const char *name, const struct call *call,
                         json_t **result, struct err *err)
{
    struct text_list lines = {0};
    const json_t *expected = expected_change(canned);
    json_t *empty = json_object();
    json_t *found =
        json_pack("{s:s, s:O}", "call", name, "with", call->params != NULL ? call->params : empty);
    compare(canned, expected, found, &lines);
    json_decref(found);
    json_decref(empty);
    for (size_t i = 0; i < lines.count; i++)
        text_list_add(&canned->problems, lines.items[i]);
    bool differs = lines.count > 0;
    text_list_clear(&lines);
    if (differs)
        return refuse(err, "UnexpectedChange", 400, "the test does not expect this change");
    const json_t *reply = json_object_get(expected, "reply");
    *result = json_is_object(reply) ? json_deep_copy(reply) : json_object();
    canned->made = canned->undoing ? canned->made - 1 : canned->made + 1;
    return 0;
}

int canned_answer(void *arg, const struct call *call, bool change, json_t **result, struct err *err)
{
    struct canned *canned = arg;
    char *name = mem_printf("%s:%s", call->service, call->operation);
    int status;
    json_object_set_new(canned->called, name, json_true());
    if (change)
        status = answer_change(canned, name, call, result, err);
    else if (canned->refused != NULL && strcmp(canned->refused, name) == 0)
        status = refuse(err, "AccessDenied", 403, "the test refuses this read");
    else if (canned->recorded)
        status = 1;
    else
        status = answer_read(canned, name, call, result, err);
    if (status < 0)
        snprintf(err->operation, sizeof err->operation, "%s", name);
    mem_free(name);
    return status;
}
