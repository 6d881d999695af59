#include "bindings/language/language.h"

#include "annotations_lua.h"
#include "bindings/policy/evaluator.h"
#include "bindings/script/script.h"

static struct language_prepared prepared;

static void *make_host(struct loop *loop, const char *lib_dir, struct model_set *models,
                       bool validates)
{
    const struct host_options options = {.loop = loop,
                                         .lib_dir = lib_dir,
                                         .models = models,
                                         .index = validates ? NULL : prepared.index,
                                         .code = {prepared.code, prepared.code_length}};
    return lua_evaluator_new(&options);
}

static struct evaluator *evaluator_of(void *host)
{
    return host;
}

static void free_host(void *host)
{
    lua_evaluator_free(host);
}

const struct language *language_lua(const struct language_prepared *by_the_build)
{
    static const struct language language = {.host_new = make_host,
                                             .evaluator = evaluator_of,
                                             .host_free = free_host,
                                             .script = script_run,
                                             .annotations = (const char *)annotations_lua};
    prepared = *by_the_build;
    return &language;
}
