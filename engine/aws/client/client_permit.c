#include "aws/client/client_permit.h"

#include <stdio.h>
#include <string.h>

#include "aws/operations/opclass.h"
#include "aws/operations/opset.h"

static int refuse(struct err *err, const char *service, const char *operation, const char *why)
{
    err_set(err, ERR_DENIED, "%s:%s is not signed: %s", service, operation, why);
    snprintf(err->operation, sizeof err->operation, "%s:%s", service, operation);
    return -1;
}

static bool is_read(const struct session *session, enum opclass class, const char *service,
                    const char *operation)
{
    switch (class) {
    case OP_READ: return true;
    case OP_UNREVIEWED:
        return session->permit == PERMIT_OPERATOR
                   ? opclass_named_as_read(operation)
                   : opset_has(session->reviewed, service, operation);
    default: return session->permit == PERMIT_OPERATOR && opclass_named_as_read(operation);
    }
}

bool client_is_read(const struct session *session, const char *service, const char *operation)
{
    return is_read(session, opclass_of(service, operation), service, operation);
}

static int permit_declared(const struct session *session, const char *service,
                           const char *operation, struct err *err)
{
    enum opclass class = opclass_of(service, operation);
    if (class == OP_FORBIDDEN)
        return refuse(err, service, operation, "it reveals data or secrets, or grants permissions");
    if (session->permit != PERMIT_CHANGE && !is_read(session, class, service, operation))
        return refuse(
            err, service, operation,
            "it is not a reviewed read, so it may change something, which only steps may do");
    if (!opset_has(session->allowed, service, operation))
        return refuse(err, service, operation, "the policy's permissions do not declare it");
    return 0;
}

static int permit_message(const char *service, const char *operation, struct err *err)
{
    static const char *const names[] = {"sqs:SendMessage",
                                        "sqs:SendMessageBatch",
                                        "sqs:ReceiveMessage",
                                        "sqs:DeleteMessage",
                                        "sqs:ChangeMessageVisibilityBatch",
                                        "sns:Publish",
                                        "events:PutEvents",
                                        "securityhub:BatchImportFindings",
                                        "sts:GetCallerIdentity",
                                        "dynamodb:GetItem",
                                        "dynamodb:PutItem",
                                        "dynamodb:UpdateItem",
                                        "dynamodb:Scan",
                                        "s3:GetObject",
                                        "s3:PutObject",
                                        "s3:DeleteObject",
                                        "ssm:GetParameter"};
    char name[256];
    snprintf(name, sizeof name, "%s:%s", service, operation);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i], name) == 0)
            return 0;
    }
    return refuse(err, service, operation, "it is not one of the engine's own messages");
}

bool client_redacts(const struct session *session)
{
    return session->permit == PERMIT_READ || session->permit == PERMIT_CHANGE;
}

int client_permit(const struct session *session, const char *service, const char *operation,
                  struct err *err)
{
    switch (session->permit) {
    case PERMIT_OPERATOR: return 0;
    case PERMIT_MESSAGE: return permit_message(service, operation, err);
    case PERMIT_READ:
    case PERMIT_CHANGE: return permit_declared(session, service, operation, err);
    }
    return refuse(err, service, operation, "the session has no permit");
}
