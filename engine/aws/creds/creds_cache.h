/* Caches one provider per account, role and session policy. Serves sessions; calls creds_sts. */
#ifndef AWS_CREDS_CREDS_CACHE_H
#define AWS_CREDS_CREDS_CACHE_H

#include <stddef.h>

struct creds_assume;
struct creds_env;
struct creds_provider;

/* One provider per (account, role, session policy), created on first use and shared. */
struct creds_cache;
struct creds_cache *creds_cache_new(const struct creds_env *env, struct creds_provider *source);
void creds_cache_free(struct creds_cache *cache);
struct creds_provider *creds_cache_role(struct creds_cache *cache,
                                        const struct creds_assume *options);
size_t creds_cache_count(const struct creds_cache *cache);

#endif
