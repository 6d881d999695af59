#include "app/services/policy_place.h"

#include <string.h>
#include <unistd.h>

#include "app/services/services_policies.h"
#include "base/mem.h"

#define SUFFIX ".lua"

char *policy_place_of(const struct services *services, const struct policy *policy)
{
    const struct text_list *folders = &services->settings.policy_folders;
    const char *name = strrchr(policy->file, '/');
    name = name != NULL ? name + 1 : policy->file;
    for (size_t i = 0; i < folders->count; i++) {
        char *path = mem_printf("%s/%s", folders->items[i], name);
        size_t length = strlen(path), shown = strlen(policy->file);
        if (access(path, F_OK) == 0 && length >= shown &&
            strcmp(path + length - shown, policy->file) == 0)
            return path;
        mem_free(path);
    }
    return mem_strdup(policy->file);
}

/* By type or alias, which may have the suffix of a policy file. */
static char *place_known(const struct services *services, struct evaluator *evaluator,
                         const char *name)
{
    size_t length = strlen(name), suffix = strlen(SUFFIX);
    if (length > suffix && strcmp(name + length - suffix, SUFFIX) == 0)
        length -= suffix;
    char *bare = mem_strndup(name, length);
    const struct policy *policy = evaluator->find(evaluator->self, bare);
    mem_free(bare);
    return policy != NULL ? policy_place_of(services, policy) : NULL;
}

/* A host of its own, because the command's must hold only the policies that it names. */
static char *look_up(const struct services *services, const char *name, struct err *err)
{
    char *lib_dir = services_lib_dir(services);
    void *host = services->language->host_new(services->loop, lib_dir, NULL, false);
    struct evaluator *evaluator = services->language->evaluator(host);
    char *path = services_load_all(services, evaluator, err) == 0
                     ? place_known(services, evaluator, name)
                     : NULL;
    services->language->host_free(host);
    mem_free(lib_dir);
    return path;
}

char *policy_place_named(const struct services *services, const char *name, struct err *err)
{
    char *path = services_policy_path(services, name);
    bool is_word = strchr(name, '/') == NULL && services->settings.policy_folders.count > 0;
    return path == NULL && is_word ? look_up(services, name, err) : path;
}
