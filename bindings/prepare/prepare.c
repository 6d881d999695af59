/* What the build runs before the engine can be linked (script/cmake/models.cmake, index.cmake):
 *   engine_prepare models SRC DIR
 *       compiles botocore's API models
 *   engine_prepare index POLICIES MODELS INDEX CODE
 *       writes the index of the policies (known.h) and their bytecode (chunks.h); MODELS is "" if
 *       there are none */
#include <stdio.h>
#include <string.h>

#include "aws/model/model_open.h"
#include "aws/model_compiler/compile.h"
#include "base/buf.h"
#include "base/mem.h"
#include "bindings/policy/evaluator.h"
#include "value/json.h"

#define MAX_CODE (16u << 20)

static int compile(char **arguments, struct err *err)
{
    struct models_report report;
    return models_compile(arguments[0], arguments[1], NULL, &report, err);
}

static int write_file(const char *path, const void *bytes, size_t length, struct err *err)
{
    FILE *file = fopen(path, "w");
    bool written = file != NULL && fwrite(bytes, 1, length, file) == length;
    if (file != NULL && fclose(file) != 0)
        written = false;
    return written ? 0 : err_set(err, ERR_IO, "%s: cannot be written", path);
}

static int write_both(const struct evaluator *evaluator, char **paths, struct err *err)
{
    struct buf code;
    buf_init(&code, MAX_CODE);
    json_t *index = lua_evaluator_index(evaluator, &code);
    char *text = json_text(index);
    int result = code.failed ? err_set(err, ERR_LIMIT, "the bytecode is too long")
                             : write_file(paths[0], text, strlen(text), err);
    if (result == 0)
        result = write_file(paths[1], code.data, code.len, err);
    mem_free(text);
    json_decref(index);
    buf_clear(&code);
    return result;
}

static int prepare(char **arguments, struct err *err)
{
    struct loop *loop = loop_new();
    struct model_set *models = arguments[1][0] != '\0' ? model_set_new(arguments[1]) : NULL;
    const struct host_options options = {.loop = loop, .models = models};
    struct evaluator *evaluator = lua_evaluator_new(&options);
    int result = evaluator->load(evaluator->self, arguments[0], err);
    if (result == 0)
        result = write_both(evaluator, arguments + 2, err);
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
    else if (argc == 6 && strcmp(argv[1], "index") == 0)
        result = prepare(argv + 2, &err);
    else
        err_set(&err, ERR_USAGE, "unknown arguments");
    if (result != 0)
        fprintf(stderr, "engine_prepare: %s\n", err.message);
    return result == 0 ? 0 : 1;
}
