#include "support/models.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <dirent.h>

#include "aws/model/model_open.h"
#include "aws/model_compiler/compile.h"
#include "base/mem.h"

struct model_set *real_models(void)
{
    const char *directory = getenv("ENGINE_MODELS");
    size_t count = 0;
    if (directory == NULL)
        fail_msg("ENGINE_MODELS must name the compiled models");
    struct model_set *set = model_set_new(directory);
    model_services(set, &count);
    if (count < 400)
        fail_msg("%s holds only %zu models: build the target `models`", directory, count);
    return set;
}

char *scratch_folder(void)
{
    char *folder = mem_strdup("/tmp/engine-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return folder;
}

char *scratch_path(const char *folder, const char *name)
{
    return mem_printf("%s/%s", folder, name);
}

void scratch_remove(char *folder)
{
    DIR *directory = opendir(folder);
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        char *path = scratch_path(folder, entry->d_name);
        if (entry->d_name[0] != '.')
            unlink(path);
        mem_free(path);
    }
    closedir(directory);
    assert_int_equal(rmdir(folder), 0);
    mem_free(folder);
}

void scratch_write(const char *path, const void *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

unsigned char *scratch_read(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    *length = (size_t)ftell(file);
    rewind(file);
    unsigned char *bytes = mem_alloc(*length + 1);
    assert_int_equal(fread(bytes, 1, *length, file), *length);
    fclose(file);
    return bytes;
}

void compile_fixture(const char *folder)
{
    struct models_report report;
    struct err err = {0};
    if (models_compile("tests/fixtures/models/data", folder, NULL, &report, &err) != 0)
        fail_msg("%s", err.message);
    assert_int_equal(report.services, 2);
    assert_int_equal(report.operations, 5);
    assert_true(report.endpoints);
}

const struct model *must_open(struct model_set *set, const char *service)
{
    struct err err = {0};
    const struct model *model = model_open(set, service, &err);
    if (model == NULL)
        fail_msg("%s", err.message);
    return model;
}

model_operation must_find(const struct model *model, const char *operation)
{
    struct err err = {0};
    model_operation found = 0;
    if (model_find_operation(model, operation, &found, &err) != 0)
        fail_msg("%s", err.message);
    return found;
}
