#include "aws/creds/creds_cache.h"

#include <string.h>

#include "aws/creds/creds.h"
#include "aws/creds/creds_sts.h"
#include "base/mem.h"

/* Thousands of resources may be in an account whose role cannot be assumed. */
#define REFUSAL_S 30

struct creds_cache {
    const struct creds_env *env;
    struct creds_provider *source;
    json_t *index; /* key to index in `providers` */
    struct creds_provider **providers;
    size_t count;
    size_t room;
};

struct creds_cache *creds_cache_new(const struct creds_env *env, struct creds_provider *source)
{
    struct creds_cache *cache = mem_alloc(sizeof *cache);
    cache->env = env;
    cache->source = creds_provider_hold(source);
    cache->index = json_object();
    return cache;
}

void creds_cache_free(struct creds_cache *cache)
{
    if (cache == NULL)
        return;
    for (size_t i = 0; i < cache->count; i++)
        creds_provider_drop(cache->providers[i]);
    mem_free(cache->providers);
    json_decref(cache->index);
    creds_provider_drop(cache->source);
    mem_free(cache);
}

/* Everything that distinguishes one session from another, each part with its length so that parts
 * cannot be confused. Free with mem_free. */
static char *key_of(const struct creds_assume *options)
{
    const char *const parts[] = {options->role_arn, options->session_policy, options->external_id,
                                 options->session_name, options->session_prefix};
    struct buf key;
    size_t most = 32;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        most += parts[i] != NULL ? strlen(parts[i]) + 32 : 2;
    buf_init(&key, most);
    buf_addf(&key, "%d", options->duration_s);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i] == NULL) {
            buf_adds(&key, " -");
            continue;
        }
        buf_addf(&key, " %zu:", strlen(parts[i]));
        buf_adds(&key, parts[i]); /* a session policy is long to format */
    }
    return buf_take(&key);
}

static struct creds_provider *add(struct creds_cache *cache, const char *key,
                                  const struct creds_assume *options)
{
    if (cache->count == cache->room) {
        cache->room = cache->room == 0 ? 16 : cache->room * 2;
        cache->providers = mem_resize(cache->providers, cache->room * sizeof *cache->providers);
    }
    struct creds_assume assume = *options;
    assume.refusal_s = REFUSAL_S;
    struct creds_provider *provider = creds_assume_role(cache->env, cache->source, &assume);
    json_object_set_new_nocheck(cache->index, key, json_integer((json_int_t)cache->count));
    cache->providers[cache->count++] = provider;
    return provider;
}

struct creds_provider *creds_cache_role(struct creds_cache *cache,
                                        const struct creds_assume *options)
{
    char *key = key_of(options);
    const json_t *position = json_object_get(cache->index, key);
    struct creds_provider *provider = position != NULL
                                          ? cache->providers[json_integer_value(position)]
                                          : add(cache, key, options);
    mem_free(key);
    return provider;
}

size_t creds_cache_count(const struct creds_cache *cache)
{
    return cache->count;
}
