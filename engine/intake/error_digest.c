#include "intake/error_digest.h"

#include <stdbool.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"

struct cause {
    struct err err;
    char *target;
    char *account;
    size_t more;
};

/* Missing credentials fail every operation in the same way. */
static bool same_code(const struct cause *cause, const char *account, const struct err *err)
{
    if (strcmp(cause->err.code, err->code) != 0 ||
        (err->kind != ERR_CREDS && strcmp(cause->err.operation, err->operation) != 0))
        return false;
    bool refused = strstr(err->code, "Denied") != NULL || strstr(err->code, "Unauthorized") != NULL;
    return !refused || strcmp(cause->account, account) == 0;
}

static bool same(const struct cause *cause, const char *account, const struct err *err)
{
    if (err->code[0] != '\0')
        return same_code(cause, account, err);
    return cause->err.kind == err->kind && strcmp(cause->err.message, err->message) == 0;
}

void error_digest_add(struct error_digest *error_digest, const char *target, const char *account,
                      const struct err *err)
{
    const struct log_subject subject = {.account = account};
    for (size_t i = 0; i < error_digest->count; i++) {
        if (same(&error_digest->items[i], account, err)) {
            error_digest->items[i].more++;
            log_about(LOG_INFO, &subject, "%s: %s", target, err->message);
            return;
        }
    }
    error_digest->items =
        mem_resize(error_digest->items, (error_digest->count + 1) * sizeof *error_digest->items);
    error_digest->items[error_digest->count++] =
        (struct cause){.err = *err, .target = mem_strdup(target), .account = mem_strdup(account)};
}

static void report(const struct cause *cause)
{
    if (cause->more == 0)
        log_error("%s: %s", cause->target, cause->err.message);
    else
        log_error("%s: %s (and %zu more %s: --log-level info names them)", cause->target,
                  cause->err.message, cause->more, cause->more == 1 ? "place" : "places");
}

void error_digest_log(struct error_digest *error_digest)
{
    for (size_t i = 0; i < error_digest->count; i++)
        report(&error_digest->items[i]);
    error_digest_clear(error_digest);
}

void error_digest_clear(struct error_digest *error_digest)
{
    for (size_t i = 0; i < error_digest->count; i++) {
        mem_free(error_digest->items[i].target);
        mem_free(error_digest->items[i].account);
    }
    mem_free(error_digest->items);
    *error_digest = (struct error_digest){0};
}
