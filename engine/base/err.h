/* Errors as values: one flat struct, filled by whoever fails and handed up unchanged or with a
 * prefix. It owns nothing, so it can be copied and forgotten. Serves every other file.
 *
 * Functions that can fail return 0, or -1 with `*err` filled. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum err_kind {
    ERR_NONE = 0,
    ERR_INTERNAL, /* a bug of ours */
    ERR_USAGE,    /* wrong option, argument or configuration: exit status 64 */
    ERR_IO,       /* file or descriptor */
    ERR_LIMIT,    /* something outgrew its maximum */
    ERR_PARSE,    /* text that is not what it should be */
    ERR_PARAM,    /* a call's parameters do not fit the API model; nothing was sent */
    ERR_CREDS,    /* no credentials, or they were refused before a call could be signed */
    ERR_NET,      /* no answer: resolve, connect, TLS, reset */
    ERR_TIMEOUT,  /* no answer in time */
    ERR_API,      /* AWS answered with an error: code, status and request id are set */
    ERR_DENIED,   /* the gate refused: an operation that the caller may not make */
    ERR_POLICY,   /* a policy file raised an error or broke a rule */
    ERR_CANCELLED
};

struct err {
    enum err_kind kind;
    int status;      /* HTTP status, 0 where there was none */
    char code[128];  /* AWS error code as the service documents it ("QueueDoesNotExist") */
    char alias[128]; /* a second name of the same error (x-amzn-query-error), or "" */
    char request_id[128];
    char operation[128]; /* "sqs:GetQueueAttributes", or "" */
    char message[1024];  /* for humans; cut at a character, never overflowing */
};

/* Fills *err (which may be NULL) and returns -1, so that callers write `return err_set(…)`. */
int err_set(struct err *err, enum err_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "prefix: " before the message. Returns -1. */
int err_prefix(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

void err_clear(struct err *err);

/* A stable lower-case word for the kind: "timeout", "api", … */
const char *err_kind_name(enum err_kind kind);

#endif
