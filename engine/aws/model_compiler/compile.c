#include "aws/model_compiler/compile.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "aws/model/model.h"
#include "aws/model/model_format.h"
#include "aws/model_compiler/builder.h"
#include "aws/model_compiler/endpoints.h"
#include "aws/model_compiler/enums.h"
#include "aws/model_compiler/metadata.h"
#include "aws/model_compiler/operations.h"
#include "aws/model_compiler/save.h"
#include "aws/model_compiler/shapes.h"
#include "aws/model_compiler/source.h"
#include "base/clock.h"
#include "base/mem.h"
#include "value/json.h"

/* The data of one run. */
struct job {
    const char *source;
    const char *out_dir;
    json_t *partitions; /* or NULL: there is no endpoint data */
    struct models_report *report;
};

/* The source files of one service. */
struct service {
    const char *name;
    json_t *model;
    json_t *pagination; /* or NULL */
    json_t *ruleset;    /* or NULL */
};

static int build(struct builder *builder, const struct job *job, const struct service *service,
                 struct err *err)
{
    if (!json_is_object(json_object_get(service->model, "metadata")) ||
        !json_is_object(json_object_get(service->model, "operations")) ||
        !json_is_object(builder->shapes_in))
        return err_set(err, ERR_PARSE,
                       "not a service model: metadata, operations and shapes are required");
    metadata_add(builder, service->name);
    if (service->ruleset != NULL && job->partitions != NULL)
        endpoints_add(builder, service->ruleset, job->partitions);
    if (operations_add(builder, err) != 0)
        return -1;
    shapes_guard(builder);
    enums_add(builder);
    return 0;
}

static void count(const struct builder *builder, uint64_t size, struct models_report *report)
{
    report->services++;
    report->unsupported += builder->header.protocol == MODEL_UNSUPPORTED;
    report->operations += BUILDER_COUNT(builder, operations, struct model_file_operation);
    report->shapes += BUILDER_COUNT(builder, shapes, struct model_file_shape);
    report->bytes += size;
}

static int compile_service(const struct job *job, const struct service *service, struct err *err)
{
    struct builder builder;
    uint64_t size = 0;
    char *path = mem_printf("%s/%s" MODEL_FILE_SUFFIX, job->out_dir, service->name);
    builder_init(&builder, service->model, service->pagination);
    int result = build(&builder, job, service, err);
    if (result == 0)
        result = builder_save(&builder, path, &size, err);
    if (result == 0)
        count(&builder, size, job->report);
    builder_clear(&builder);
    mem_free(path);
    return result;
}

/* Loads the other files of a service and compiles it; takes ownership of `model`. */
static int compile_loaded(const struct job *job, const char *name, const char *directory,
                          json_t *model, struct err *err)
{
    struct service service = {.name = name, .model = model};
    int result = -1;
    if (model == NULL)
        return -1;
    service.pagination = source_load_either(directory, "paginators-1", err);
    if (err->kind == ERR_NONE)
        service.ruleset = source_load_either(directory, "endpoint-rule-set-1", err);
    if (err->kind == ERR_NONE)
        result = compile_service(job, &service, err);
    json_decref(service.ruleset);
    json_decref(service.pagination);
    json_decref(model);
    return result;
}

static int compile_folder(const struct job *job, const char *name, struct err *err)
{
    char *folder = mem_printf("%s/%s", job->source, name);
    char *newest = source_newest(folder);
    int result = 0;
    if (newest != NULL) {
        json_t *model = source_load_either(newest, "service-2", err);
        result = compile_loaded(job, name, newest, model, err);
    }
    mem_free(newest);
    mem_free(folder);
    return result != 0 ? err_prefix(err, "%s", name) : 0;
}

static int save_partitions(const struct job *job, struct err *err)
{
    if (job->partitions == NULL)
        return 0;
    json_t *partitions = endpoints_partitions(job->partitions);
    char *text = json_text(partitions);
    char *path = mem_printf("%s/" MODEL_PARTITIONS_FILE, job->out_dir);
    int result = save_file(path, text, strlen(text), err);
    job->report->bytes += strlen(text);
    job->report->endpoints = result == 0;
    mem_free(path);
    mem_free(text);
    json_decref(partitions);
    return result;
}

static int compile_folders(const struct job *job, struct err *err)
{
    struct source_names services;
    if (source_folders(job->source, &services, err) != 0)
        return -1;
    int result = 0;
    for (size_t i = 0; i < services.count && result == 0; i++)
        result = compile_folder(job, services.names[i], err);
    source_names_clear(&services);
    if (result == 0 && job->report->services == 0)
        result = err_set(err, ERR_USAGE,
                         "%s contains no models (<service>/<version>/service-2.json)", job->source);
    return result;
}

static int compile_data(struct job *job, struct err *err)
{
    job->partitions = source_load_either(job->source, "partitions", err);
    if (err->kind != ERR_NONE)
        return -1;
    int result = compile_folders(job, err);
    if (result == 0)
        result = save_partitions(job, err);
    json_decref(job->partitions);
    return result;
}

static int compile_file(const struct job *job, const char *name, struct err *err)
{
    const char *slash = strrchr(job->source, '/');
    char *directory = slash != NULL ? mem_strndup(job->source, (size_t)(slash - job->source) + 1)
                                    : mem_strdup(".");
    int result = compile_loaded(job, name, directory, source_load(job->source, err), err);
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

/* Is the source a directory? Returns -1 if source and name cannot be combined. */
static int kind_of_source(const char *source, const char *name, bool *directory, struct err *err)
{
    struct stat status;
    if (stat(source, &status) != 0)
        return err_set(err, ERR_USAGE, "%s: %s", source, strerror(errno));
    *directory = S_ISDIR(status.st_mode);
    if (*directory && name != NULL)
        return err_set(err, ERR_USAGE,
                       "--name is for a single service-2.json, but %s is a directory", source);
    if (!*directory && name == NULL)
        return err_set(err, ERR_USAGE, "%s is a single service: name it (--name)", source);
    return name != NULL ? check_name(name, err) : 0;
}

int models_compile(const char *source, const char *out_dir, const char *name,
                   struct models_report *report, struct err *err)
{
    int64_t start = clock_mono_ms();
    struct job job = {source, out_dir, NULL, report};
    bool directory = false;
    memset(report, 0, sizeof *report);
    if (kind_of_source(source, name, &directory, err) != 0)
        return -1;
    if (mkdir(out_dir, 0755) != 0 && errno != EEXIST)
        return err_set(err, ERR_IO, "%s: %s", out_dir, strerror(errno));
    int result = directory ? compile_data(&job, err) : compile_file(&job, name, err);
    report->milliseconds = clock_mono_ms() - start;
    return result;
}
