/* What the build runs before the engine can be linked (script/cmake/models.cmake, index.cmake):
 *   engine_prepare models SRC DIR               compiles botocore's API models
 *   engine_prepare index POLICIES MODELS FILE   writes the index of the policies (known.h); MODELS
 *                                               is "" if there are none */
#include <stdio.h>
#include <string.h>

#include "aws/model/model_open.h"
#include "aws/model_compiler/compile.h"
#include "base/mem.h"
#include "bindings/policy/evaluator.h"
#include "value/json.h"

static int compile(char **arguments, struct err *err)
{
    struct models_report report;
    return models_compile(arguments[0], arguments[1], NULL, &report, err);
}

static int write_file(const char *path, const json_t *index, struct err *err)
{
    char *text = json_text(index);
    FILE *file = fopen(path, "w");
    bool written = file != NULL && fputs(text, file) != EOF;
    if (file != NULL && fclose(file) != 0)
        written = false;
    mem_free(text);
    return written ? 0 : err_set(err, ERR_IO, "%s: cannot be written", path);
}

static int write_index(char **arguments, struct err *err)
{
    struct loop *loop = loop_new();
    struct model_set *models = arguments[1][0] != '\0' ? model_set_new(arguments[1]) : NULL;
    const struct host_options options = {.loop = loop, .models = models};
    struct evaluator *evaluator = lua_evaluator_new(&options);
    int result = evaluator->load(evaluator->self, arguments[0], err);
    json_t *index = result == 0 ? evaluator->index(evaluator->self) : NULL;
    if (result == 0)
        result = write_file(arguments[2], index, err);
    json_decref(index);
    lua_evaluator_free(evaluator);
    model_set_free(models);
    loop_free(loop);
    return result;
}

int main(int argc, char **argv)
{
    struct err err = {0};
    int result = -1;
    mem_install();
    if (argc == 4 && strcmp(argv[1], "models") == 0)
        result = compile(argv + 2, &err);
    else if (argc == 5 && strcmp(argv[1], "index") == 0)
        result = write_index(argv + 2, &err);
    else
        err_set(&err, ERR_USAGE, "unknown arguments");
    if (result != 0)
        fprintf(stderr, "engine_prepare: %s\n", err.message);
    return result == 0 ? 0 : 1;
}
