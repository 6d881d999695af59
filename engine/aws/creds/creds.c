#include "aws/creds/creds.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#define REFRESH_MS (5 * 60 * 1000) /* renew this long before expiry */
#define PAUSE_MS (30 * 1000)       /* between attempts to renew credentials that are still valid */

struct creds_waiter {
    struct creds_provider *provider; /* held by the waiter */
    creds_done done;
    void *arg;
    bool *called; /* set for a creds_get that has not returned yet, else NULL */
    struct creds_waiter *next;
    struct creds_waiter **link; /* the pointer to this waiter */
};

struct creds_provider {
    const struct creds_source *source;
    void *self;
    struct creds *creds;    /* the last credentials, or NULL */
    int64_t fresh_until_ms; /* wall clock; no fetch before then */
    struct creds_waiter *waiters;
    struct creds_waiter **tail;
    int refs;
    bool fetching;
};

struct creds *creds_new(const char *access_key, const char *secret_key, const char *session_token,
                        int64_t expires_ms)
{
    struct creds *creds = mem_alloc(sizeof *creds);
    creds->key.access_key = mem_strdup(access_key);
    creds->key.secret_key = mem_strdup(secret_key);
    creds->key.session_token = mem_strdup(session_token);
    creds->expires_ms = expires_ms;
    creds->refs = 1;
    return creds;
}

struct creds *creds_hold(struct creds *creds)
{
    creds->refs++;
    return creds;
}

void creds_drop(struct creds *creds)
{
    if (creds == NULL || --creds->refs > 0)
        return;
    mem_free_secret((char *)creds->key.access_key);
    mem_free_secret((char *)creds->key.secret_key);
    mem_free_secret((char *)creds->key.session_token);
    mem_free(creds);
}

struct creds_provider *creds_provider_new(const struct creds_source *source, void *self)
{
    struct creds_provider *provider = mem_alloc(sizeof *provider);
    provider->source = source;
    provider->self = self;
    provider->tail = &provider->waiters;
    provider->refs = 1;
    return provider;
}

const char *creds_origin(const struct creds_provider *provider)
{
    const struct creds_source *source = provider->source;
    return source->origin != NULL ? source->origin(provider->self) : NULL;
}

struct creds_provider *creds_provider_hold(struct creds_provider *provider)
{
    provider->refs++;
    return provider;
}

/* A waiter holds a reference to its provider, so no fetch is in progress when the last is
 * dropped. */
void creds_provider_drop(struct creds_provider *provider)
{
    if (provider == NULL || --provider->refs > 0)
        return;
    provider->source->free(provider->self);
    creds_drop(provider->creds);
    mem_free(provider);
}

static bool is_expired(const struct creds *creds)
{
    return creds->expires_ms != 0 && creds->expires_ms <= clock_wall_ms();
}

static bool is_fresh(const struct creds_provider *provider)
{
    const struct creds *creds = provider->creds;
    if (creds == NULL)
        return false;
    return creds->expires_ms == 0 || (clock_wall_ms() < provider->fresh_until_ms);
}

/* Credentials that arrive with less than REFRESH_MS left are not renewed at every call. */
static void set_fresh(struct creds_provider *provider)
{
    int64_t now = clock_wall_ms();
    int64_t expires = provider->creds->expires_ms;
    int64_t usual = expires - REFRESH_MS;
    int64_t soonest = now + PAUSE_MS < expires ? now + PAUSE_MS : expires;
    provider->fresh_until_ms = usual > soonest ? usual : soonest;
}

static struct creds_waiter *add_waiter(struct creds_provider *provider, creds_done done, void *arg)
{
    struct creds_waiter *waiter = mem_alloc(sizeof *waiter);
    waiter->provider = creds_provider_hold(provider);
    waiter->done = done;
    waiter->arg = arg;
    waiter->link = provider->tail;
    *provider->tail = waiter;
    provider->tail = &waiter->next;
    return waiter;
}

static void remove_waiter(struct creds_waiter *waiter)
{
    struct creds_provider *provider = waiter->provider;
    *waiter->link = waiter->next;
    if (waiter->next != NULL)
        waiter->next->link = waiter->link;
    else if (provider->tail == &waiter->next)
        provider->tail = waiter->link;
}

/* A callback may get, cancel and drop anything: this function works on its own list of waiters, and
 * holds a reference to the provider. */
static void call_waiters(struct creds_provider *provider, struct creds *creds,
                         const struct err *err)
{
    struct creds_waiter *list = provider->waiters;
    provider->waiters = NULL;
    provider->tail = &provider->waiters;
    if (list != NULL)
        list->link = &list;
    while (list != NULL) {
        struct creds_waiter *waiter = list;
        creds_done done = waiter->done;
        void *arg = waiter->arg;
        remove_waiter(waiter);
        if (waiter->called != NULL)
            *waiter->called = true;
        creds_provider_drop(waiter->provider);
        mem_free(waiter);
        done(arg, creds, creds != NULL ? NULL : err);
    }
}

/* Returns false if the credentials cannot be used. */
static bool accept(struct creds_provider *provider, struct creds *creds, struct err *err)
{
    char when[CLOCK_TEXT];
    if (is_expired(creds)) {
        clock_rfc3339(creds->expires_ms, when);
        err_set(err, ERR_CREDS,
                "the credentials expired at %s: get new ones, and check this machine's clock",
                when);
        creds_drop(creds);
        return false;
    }
    creds_drop(provider->creds);
    provider->creds = creds;
    set_fresh(provider);
    return true;
}

/* If renewal fails, the old credentials are used as long as they are valid. */
static void fall_back(struct creds_provider *provider, const struct err *err)
{
    if (provider->creds == NULL)
        return;
    if (is_expired(provider->creds)) {
        creds_drop(provider->creds);
        provider->creds = NULL;
        return;
    }
    char when[CLOCK_TEXT];
    clock_rfc3339(provider->creds->expires_ms, when);
    log_warn("the credentials could not be renewed; the present ones are valid until %s: %s", when,
             err->message);
    set_fresh(provider);
}

void creds_callback(struct creds_provider *provider, struct creds *creds, const struct err *err)
{
    struct err failure = {0};
    provider->fetching = false;
    if (err != NULL)
        failure = *err;
    if (creds == NULL || !accept(provider, creds, &failure))
        fall_back(provider, &failure);
    struct creds *given = provider->creds != NULL ? creds_hold(provider->creds) : NULL;
    creds_provider_hold(provider);
    call_waiters(provider, given, &failure);
    creds_provider_drop(provider);
    creds_drop(given);
}

static void give(struct creds_provider *provider, creds_done done, void *arg)
{
    struct creds *creds = creds_hold(provider->creds);
    done(arg, creds, NULL);
    creds_drop(creds);
}

static void fetch(struct creds_provider *provider)
{
    if (provider->fetching)
        return;
    provider->fetching = true;
    provider->source->fetch(provider->self, provider);
}

struct creds_waiter *creds_get(struct creds_provider *provider, creds_done done, void *arg)
{
    if (is_fresh(provider)) {
        give(provider, done, arg);
        return NULL;
    }
    bool called = false;
    struct creds_waiter *waiter = add_waiter(provider, done, arg);
    waiter->called = &called;
    creds_provider_hold(provider);
    fetch(provider);
    if (called)
        waiter = NULL;
    else
        waiter->called = NULL;
    creds_provider_drop(provider);
    return waiter;
}

void creds_cancel(struct creds_waiter *waiter)
{
    struct creds_provider *provider = waiter->provider;
    remove_waiter(waiter);
    mem_free(waiter);
    if (provider->fetching && provider->waiters == NULL) {
        provider->fetching = false;
        provider->source->cancel(provider->self);
    }
    creds_provider_drop(provider);
}

void creds_expire(struct creds_provider *provider, const struct creds *refused)
{
    if (provider->creds == NULL || provider->creds != refused)
        return;
    if (provider->source->expire != NULL)
        provider->source->expire(provider->self, refused);
    creds_drop(provider->creds);
    provider->creds = NULL;
}

static void static_fetch(void *self, struct creds_provider *provider)
{
    creds_callback(provider, creds_hold(self), NULL);
}

static void static_cancel(void *self)
{
    (void)self;
}

static void static_free(void *self)
{
    creds_drop(self);
}

struct creds_provider *creds_static(struct creds *creds)
{
    static const struct creds_source source = {
        .fetch = static_fetch, .cancel = static_cancel, .free = static_free};
    return creds_provider_new(&source, creds_hold(creds));
}
