/* Shared by the credentials' own files only. creds.c keeps providers, waiters and freshness; each
 * source (creds_env.c, _profile.c, _process.c, _container.c, _imds.c, _sts.c, _chain.c) fetches,
 * one fetch at a time; creds_exchange.c sends one HTTP request as often as retry.h allows. */
#ifndef AWS_CREDS_CREDS_INTERNAL_H
#define AWS_CREDS_CREDS_INTERNAL_H

#include <jansson.h>

#include "aws/creds/creds.h"
#include "aws/retry/retry.h"
#include "base/buf.h"

/* How a provider fetches. */
struct creds_source {
    /* Begins a fetch that ends with one creds_told, from within this call or later. */
    void (*fetch)(void *self, struct creds_provider *provider);
    void (*cancel)(void *self); /* a fetch that was begun and has not ended: no creds_told */
    void (*expire)(void *self, const struct creds *refused); /* NULL: nothing to forget */
    void (*free)(void *self);
};

struct creds_provider *creds_provider_new(const struct creds_source *source, void *self);
/* Exactly one of creds (taken over) and err is set. */
void creds_told(struct creds_provider *provider, struct creds *creds, const struct err *err);

/* One HTTP request, repeated on transient errors as often as the attempts allow, on throttles as
 * long as patience lasts. */
struct creds_exchange {
    const struct creds_env *env;
    const struct creds_exchange_ops {
        /* After a pause: make the request anew (exchange_send). */
        void (*again)(void *owner);
        /* 0: understood, `ended` follows. -1: err says what was wrong. */
        int (*read)(void *owner, const struct http_response *response, struct err *err);
        /* No more will come. NULL: read said 0. */
        void (*ended)(void *owner, const struct err *err);
        /* Before `again`, when keys or clock were at fault. NULL: it does not happen. */
        void (*mend)(void *owner, enum retry_class what, const struct http_response *response);
    } * ops;
    void *owner;
    struct http_transfer *transfer;
    struct loop_timer *timer;
    struct retry_state retry;
    struct retry_quota quota;
    int64_t throttled_ms; /* first; 0: not yet */
};

void exchange_init(struct creds_exchange *exchange, const struct creds_env *env,
                   const struct creds_exchange_ops *ops, void *owner);
/* Before each new request; 0: AWS_MAX_ATTEMPTS or 3. */
void exchange_begin(struct creds_exchange *exchange, int max_attempts);
void exchange_send(struct creds_exchange *exchange, const struct http_request *request);
void exchange_cancel(struct creds_exchange *exchange);

/* A variable's value, NULL when unset or empty. */
const char *creds_getenv(const struct creds_env *env, const char *name);
/* A small text file without its last line breaks, for tokens; mem_free_secret. */
char *creds_read_file(const char *path, struct err *err);
/* AccessKeyId, SecretAccessKey, the token by its name, Expiration. `what` says who gave the text;
 * no byte of the text reaches err. */
struct creds *creds_from_json(const char *text, size_t length, const char *token_name,
                              const char *what, struct err *err);
/* Overwrites all texts within before freeing; the caller's must be the only reference. */
void creds_json_free(json_t *value);

/* Sources. */
struct creds_provider *creds_environment(const struct creds_env *env);
struct creds_provider *creds_process(const struct creds_env *env, const char *profile,
                                     const char *command);
struct creds_provider *creds_container(const struct creds_env *env);
struct creds_provider *creds_imds(const struct creds_env *env);

/* What AssumeRole and AssumeRoleWithWebIdentity are asked with; texts are copied. */
struct creds_sts_options {
    struct creds_assume assume;
    const char *region;     /* NULL: as the environment says */
    const char *token_file; /* AssumeRoleWithWebIdentity, with this token and without keys */
};
struct creds_provider *creds_sts(const struct creds_env *env, struct creds_provider *source,
                                 const struct creds_sts_options *options);

/* STS's own address. */
struct creds_endpoint {
    char url[600];
    char host[300];
    char path[300];
    char region[64];
};
int creds_sts_endpoint(const struct creds_env *env, const char *region,
                       struct creds_endpoint *endpoint, struct err *err);
/* An error reply of STS as ERR_API. Returns -1. */
int creds_sts_error(const struct http_response *response, struct err *err);
/* Says what was asked and what to check. */
void creds_sts_explain(const char *operation, const char *role_arn, struct err *err);

/* Shared files: an object of profiles, each an object of texts, keys in lower case. NULL with err
 * when a file cannot be understood. */
json_t *creds_profiles(const struct creds_env *env, struct err *err);
/* One file's sections. `config`: "[profile x]" is x, sections of other kinds are left out. Lines
 * are merged into `profiles`. */
int creds_ini_read(const char *path, bool config, json_t *profiles, struct err *err);
/* The sections "[services x]" of a config file, by x: an object for each service. */
int creds_ini_services(const char *path, json_t *services, struct err *err);
json_t *creds_services(const struct creds_env *env, struct err *err);
/* A profile's provider; NULL with err, or NULL with ERR_NONE when it names no credentials. */
struct creds_provider *creds_profile(const struct creds_env *env, const json_t *profiles,
                                     const char *name, struct err *err);

#endif
