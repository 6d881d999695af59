#include "models/compile.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "aws/model.h"
#include "base/clock.h"
#include "base/mem.h"
#include "models/models_internal.h"

static int build(struct builder *builder, const char *name, struct err *err)
{
    if (!json_is_object(json_object_get(builder->model, "metadata")) ||
        !json_is_object(json_object_get(builder->model, "operations")) ||
        !json_is_object(builder->shapes_in))
        return err_set(err, ERR_PARSE,
                       "no service model: metadata, operations and shapes are needed");
    metadata_lay(builder, name);
    return operations_lay(builder, err);
}

static void count(const struct builder *builder, uint64_t size, struct models_report *report)
{
    report->services++;
    report->unsupported += builder->header.protocol == MODEL_UNSUPPORTED;
    report->operations += BUILDER_COUNT(builder, operations, struct model_file_operation);
    report->shapes += BUILDER_COUNT(builder, shapes, struct model_file_shape);
    report->bytes += size;
}

static int compile_service(const json_t *model, const json_t *pagination, const char *out_dir,
                           const char *name, struct models_report *report, struct err *err)
{
    struct builder builder;
    uint64_t size;
    char *path = mem_printf("%s/%s" MODEL_FILE_SUFFIX, out_dir, name);
    builder_init(&builder, model, pagination);
    int result = build(&builder, name, err);
    if (result == 0)
        result = builder_save(&builder, path, &size, err);
    if (result == 0)
        count(&builder, size, report);
    builder_clear(&builder);
    mem_free(path);
    return result;
}

/* Of one API version's directory; `model` is consumed. */
static int compile_loaded(json_t *model, const char *directory, const char *out_dir,
                          const char *name, struct models_report *report, struct err *err)
{
    int result = -1;
    if (model != NULL) {
        json_t *pagination = source_load_either(directory, "paginators-1", err);
        if (pagination != NULL || err->kind == ERR_NONE)
            result = compile_service(model, pagination, out_dir, name, report, err);
        json_decref(pagination);
        json_decref(model);
    }
    return result;
}

static int compile_folder(const char *source, const char *out_dir, const char *name,
                          struct models_report *report, struct err *err)
{
    char *folder = mem_printf("%s/%s", source, name);
    char *newest = source_newest(folder);
    int result = 0;
    if (newest != NULL) {
        json_t *model = source_load_either(newest, "service-2", err);
        result = compile_loaded(model, newest, out_dir, name, report, err);
    }
    mem_free(newest);
    mem_free(folder);
    return result != 0 ? err_prefix(err, "%s", name) : 0;
}

static int compile_data(const char *source, const char *out_dir, struct models_report *report,
                        struct err *err)
{
    struct source_names services;
    if (source_folders(source, &services, err) != 0)
        return -1;
    int result = 0;
    for (size_t i = 0; i < services.count && result == 0; i++)
        result = compile_folder(source, out_dir, services.names[i], report, err);
    source_names_clear(&services);
    if (result == 0 && report->services == 0)
        result =
            err_set(err, ERR_USAGE,
                    "%s holds no models: <service>/<version>/service-2.json is looked for", source);
    return result;
}

static int compile_file(const char *source, const char *out_dir, const char *name,
                        struct models_report *report, struct err *err)
{
    const char *slash = strrchr(source, '/');
    char *directory =
        slash != NULL ? mem_strndup(source, (size_t)(slash - source) + 1) : mem_strdup(".");
    int result = compile_loaded(source_load(source, err), directory, out_dir, name, report, err);
    mem_free(directory);
    return result;
}

static int check_name(const char *name, struct err *err)
{
    if (name[0] == '\0' || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(name))
        return err_set(err, ERR_USAGE, "the name \"%s\": lower-case letters, digits and '-' only",
                       name);
    return 0;
}

static int compile_any(const char *source, const char *out_dir, const char *name,
                       struct models_report *report, struct err *err)
{
    struct stat status;
    if (stat(source, &status) != 0)
        return err_set(err, ERR_IO, "%s: %s", source, strerror(errno));
    bool directory = S_ISDIR(status.st_mode);
    if (directory && name != NULL)
        return err_set(err, ERR_USAGE, "a name is for one service-2.json, but %s is a directory",
                       source);
    if (!directory && name == NULL)
        return err_set(err, ERR_USAGE, "%s is one service: give it a name (--name)", source);
    if (name != NULL && check_name(name, err) != 0)
        return -1;
    if (mkdir(out_dir, 0755) != 0 && errno != EEXIST)
        return err_set(err, ERR_IO, "%s: %s", out_dir, strerror(errno));
    return directory ? compile_data(source, out_dir, report, err)
                     : compile_file(source, out_dir, name, report, err);
}

int models_compile(const char *source, const char *out_dir, const char *name,
                   struct models_report *report, struct err *err)
{
    int64_t start = clock_mono_ms();
    memset(report, 0, sizeof *report);
    int result = compile_any(source, out_dir, name, report, err);
    report->milliseconds = clock_mono_ms() - start;
    return result;
}
