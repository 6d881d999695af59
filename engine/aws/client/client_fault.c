#include "aws/client/client_fault.h"

#include <stdio.h>
#include <string.h>

#include "aws/model/model_shape.h"
#include "aws/operations/opset.h"
#include "aws/operations/refusal.h"
#include "aws/protocol/protocol.h"

/* An explanation for the error codes that newcomers often get. Source of the codes: "Common error
 * types" of the AWS API references, and the variants of each protocol. */
static const struct {
    const char *code;
    const char *hint;
} hints[] = {
    {"SignatureDoesNotMatch", "the secret key does not belong to the access key: check "
                              "AWS_SECRET_ACCESS_KEY or the profile"},
    {"InvalidSignatureException", "the secret key does not belong to the access key: check "
                                  "AWS_SECRET_ACCESS_KEY or the profile"},
    {"InvalidAccessKeyId", "the access key is not known: check AWS_ACCESS_KEY_ID or the profile"},
    {"InvalidClientTokenId", "the access key is not known or not active: check "
                             "AWS_ACCESS_KEY_ID, AWS_SESSION_TOKEN or the profile"},
    {"UnrecognizedClientException", "the access key or token is not known: check "
                                    "AWS_ACCESS_KEY_ID, AWS_SESSION_TOKEN or the profile"},
    {"AuthFailure", "the credentials were not accepted: check the keys, and that the region is "
                    "enabled for the account"},
    {"ExpiredToken", "the session has expired: get new credentials and run again"},
    {"ExpiredTokenException", "the session has expired: get new credentials and run again"},
    {"RequestExpired", "the session or the request has expired: get new credentials, check the "
                       "clock"},
    {"RequestTimeTooSkewed", "this machine's clock differs from AWS's: set it"},
    {"OptInRequired", "the region or service is not enabled for this account"},
};

/* If only the status of an error is known (HEAD), its common name is in the alias. */
static bool is_named(const struct err *err, const char *code)
{
    return strcmp(err->code, code) == 0 || strcmp(err->alias, code) == 0;
}

static const char *hint_of(const struct err *err)
{
    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++) {
        if (is_named(err, hints[i].code))
            return hints[i].hint;
    }
    return NULL;
}

static void append(struct err *err, const char *text)
{
    size_t used = strlen(err->message);
    if (used + 1 < sizeof err->message)
        snprintf(err->message + used, sizeof err->message - used, " (%s)", text);
}

/* Names the action to allow and the principal to allow it for: the name of the action often differs
 * from the name of the operation. */
static void explain_refusal(const struct client_call *call, struct err *err)
{
    char text[400];
    const struct session *session = call->session;
    const char *action =
        opset_action(session->allowed, model_info(call->model)->name, call->info.name);
    bool known = session->account != NULL && session->account[0] != '\0';
    snprintf(text, sizeof text, "allow %s%s to the identity that makes the call%s%s",
             action != NULL ? "the action " : "what this call needs, ",
             action != NULL ? action : err->operation, known ? ", in account " : "",
             known ? session->account : "");
    append(err, text);
}

/* There was no response, or it could not be parsed, so no message of the server names the
 * operation. */
static bool is_without_answer(const struct err *err)
{
    return err->kind == ERR_NET || err->kind == ERR_TIMEOUT || err->kind == ERR_PARSE ||
           err->kind == ERR_LIMIT;
}

/* A proxy's response, a page of another server, or that to HEAD: the status is all that is known.
 */
static bool is_bare_status(const struct err *err)
{
    return err->kind == ERR_API && err->code[0] != '\0' &&
           strspn(err->code, "0123456789") == strlen(err->code);
}

static void explain_status(struct err *err)
{
    char text[32];
    snprintf(text, sizeof text, "status %d", err->status);
    err_prefix(err, "%s", err->operation);
    append(err, text);
}

void client_explain(const struct client_call *call, struct err *err)
{
    const struct model_info *info = model_info(call->model);
    snprintf(err->operation, sizeof err->operation, "%s:%s", info->name, call->info.name);
    const char *hint = err->kind == ERR_API ? hint_of(err) : NULL;
    if (hint != NULL)
        append(err, hint);
    else if (err->kind == ERR_API && refusal_of_permission(err))
        explain_refusal(call, err);
    else if (is_bare_status(err))
        explain_status(err);
    else if (is_without_answer(err))
        err_prefix(err, "%s", err->operation);
}

/* Whether the result has members that only a body can hold. A streamed payload may be empty. */
static bool expects_body(const struct client_call *call)
{
    struct model_shape_info output;
    if (call->info.output == MODEL_NO_SHAPE || strcmp(call->info.http_method, "HEAD") == 0)
        return false;
    model_shape_info(call->model, call->info.output, &output);
    for (size_t i = 0; i < output.member_count; i++) {
        struct model_member member;
        model_member_at(call->model, call->info.output, i, &member);
        bool allowed = output.payload[0] == '\0' || strcmp(output.payload, member.name) == 0;
        if (allowed && member.location == MODEL_BODY && !member.streaming)
            return true;
    }
    return false;
}

static int check_answer(const struct client_call *call, const struct http_response *response,
                        struct err *err)
{
    if (call->change || response->body_length > 0 || !expects_body(call))
        return 0;
    return err_set(err, ERR_PARSE, "the response to %s is empty, but AWS always returns content",
                   call->info.name);
}

int client_decode(const struct client_call *call, const struct http_response *response,
                  json_t **result, struct err *err)
{
    int failed = proto_decode(call->model, call->operation, response, result, err);
    if (failed == 0 && check_answer(call, response, err) != 0) {
        json_decref(*result);
        *result = NULL;
        failed = -1;
    }
    if (failed != 0 && err->kind == ERR_PARSE)
        err->status = response->status;
    return failed;
}
