/* Errors as values: one flat struct, filled where the error occurs and returned unchanged or with a
 * prefix. It owns nothing, so it can be copied and forgotten. Serves every other file.
 *
 * Functions that can fail return 0, or -1 with `*err` filled. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stddef.h>

enum err_kind {
    ERR_NONE = 0,
    ERR_INTERNAL, /* a bug in the engine */
    ERR_USAGE,    /* wrong option, argument or configuration: exit status 64 */
    ERR_IO,       /* file or descriptor */
    ERR_LIMIT,    /* something exceeded its maximum */
    ERR_PARSE,    /* text that cannot be parsed */
    ERR_PARAM,    /* parameters that do not match the API model; nothing was sent */
    ERR_CREDS,    /* no credentials, or they were refused before a call could be signed */
    ERR_NET,      /* no response: resolve, connect, TLS, reset */
    ERR_TIMEOUT,  /* no response in time */
    ERR_API,      /* AWS returned an error: code, status and request id are set */
    ERR_DENIED,   /* the gate refused: the caller may not use this operation */
    ERR_POLICY,   /* a policy file raised an error or broke a rule */
    ERR_CANCELLED
};

struct err {
    enum err_kind kind;
    int status;      /* HTTP status, 0 if none */
    char code[128];  /* AWS error code as the service documents it ("QueueDoesNotExist") */
    char alias[128]; /* a second name of the same error (x-amzn-query-error), or "" */
    char request_id[128];
    char operation[128]; /* "sqs:GetQueueAttributes", or "" */
    char message[1024];  /* for humans; cut at a character boundary */
};

/* Fills *err (which may be NULL) and returns -1, so that callers write `return err_set(…)`. */
int err_set(struct err *err, enum err_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts the prefix and ": " before the message. Returns -1. */
int err_prefix(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Only what a reader looks at: the members are long, and most errors never occur. So this is also
 * the way to prepare an error that many calls might fill. */
static inline void err_clear(struct err *err)
{
    if (err == NULL)
        return;
    err->kind = ERR_NONE;
    err->status = 0;
    err->code[0] = err->alias[0] = err->request_id[0] = err->operation[0] = err->message[0] = '\0';
}

/* A stable name of the kind in lower case: "timeout", "api", … */
const char *err_kind_name(enum err_kind kind);

#endif
