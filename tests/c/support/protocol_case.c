#include "support/protocol_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "aws/model/model_open.h"
#include "aws/model_compiler/compile.h"
#include "base/mem.h"
#include "value/json.h"

#define MAX_TABLE (1u << 20)

json_t *protocol_table(const char *path)
{
    struct err err = {0};
    char *text = mem_alloc(MAX_TABLE);
    gzFile file = gzopen(path, "rb");
    int length = file != NULL ? gzread(file, text, MAX_TABLE) : -1;
    if (length < 0 || gzclose(file) != Z_OK)
        fail_msg("%s cannot be read", path);
    json_t *table = json_parse(text, (size_t)length, &err);
    if (table == NULL)
        fail_msg("%s: %s", path, err.message);
    mem_free(text);
    if (json_array_size(table) == 0)
        fail_msg("%s: no suites", path);
    return table;
}

static void set_default(json_t *object, const char *key, const char *value)
{
    if (json_object_get(object, key) == NULL)
        json_object_set_new(object, key, json_string(value));
}

/* What real services have and the small ones lack. Results of the query protocol are wrapped, which
 * the newer tables leave to their reader. */
static json_t *service_of(const json_t *suite, const json_t *test)
{
    json_t *service = json_object();
    json_t *metadata = json_deep_copy(json_object_get(suite, "metadata"));
    json_t *operation = json_deep_copy(json_object_get(test, "given"));
    set_default(metadata, "apiVersion", "2014-01-01");
    set_default(metadata, "endpointPrefix", "example");
    set_default(metadata, "serviceId", "Example");
    set_default(metadata, "signatureVersion", "v4");
    set_default(metadata, "jsonVersion", "1.1");
    set_default(operation, "name", "OperationName");
    if (json_object_get(operation, "http") == NULL)
        json_object_set_new(operation, "http",
                            json_pack("{s:s,s:s}", "method", "POST", "requestUri", "/"));
    const char *name = json_get_string(operation, "name", "");
    json_t *output = json_object_get(operation, "output");
    const json_t *shape =
        json_object_get(json_object_get(suite, "shapes"), json_get_string(output, "shape", ""));
    if (strcmp(json_get_string(metadata, "protocol", ""), "query") == 0 &&
        json_object_size(json_object_get(shape, "members")) > 0) {
        char wrapper[160];
        snprintf(wrapper, sizeof wrapper, "%sResult", name);
        set_default(output, "resultWrapper", wrapper);
    }
    json_object_set_new(service, "version", json_string("2.0"));
    json_object_set_new(service, "metadata", metadata);
    json_object_set_new(service, "operations", json_pack("{s:o}", name, operation));
    json_object_set(service, "shapes", json_object_get(suite, "shapes"));
    return service;
}

/* Compiles the service in a directory of its own, opens it, and removes the directory. */
static void open_service(struct protocol_case *opened, const char *name, const json_t *service)
{
    char directory[] = "/tmp/protocol-XXXXXX", source[128], made[160];
    struct err err = {0};
    struct models_report report;
    if (mkdtemp(directory) == NULL)
        fail_msg("mkdtemp failed");
    snprintf(source, sizeof source, "%s/service-2.json", directory);
    snprintf(made, sizeof made, "%s/%s.model", directory, name);
    if (json_dump_file(service, source, JSON_COMPACT) != 0)
        fail_msg("cannot write %s", source);
    if (models_compile(source, directory, name, &report, &err) != 0)
        fail_msg("%s: %s", opened->id, err.message);
    opened->set = model_set_new(directory);
    opened->model = model_open(opened->set, name, &err);
    if (opened->model == NULL)
        fail_msg("%s: %s", opened->id, err.message);
    if (unlink(source) != 0 || unlink(made) != 0 || rmdir(directory) != 0)
        fail_msg("%s is not empty", directory);
}

static void name_case(struct protocol_case *opened, size_t suite_index, size_t case_index)
{
    const char *id = json_get_string(opened->test, "id", NULL);
    if (id != NULL)
        snprintf(opened->id, sizeof opened->id, "%s", id);
    else
        snprintf(opened->id, sizeof opened->id, "%zu:%zu", suite_index, case_index);
}

void protocol_case_open(struct protocol_case *opened, const json_t *suite, size_t suite_index,
                        size_t case_index)
{
    opened->suite = suite;
    opened->test = json_array_get(json_object_get(suite, "cases"), case_index);
    name_case(opened, suite_index, case_index);
    json_t *service = service_of(opened->suite, opened->test);
    open_service(opened, "example", service);
    json_decref(service);
    opened->operation = model_operation_at(opened->model, 0);
}

void protocol_service_open(struct protocol_case *opened, const char *name, const char *text)
{
    struct err err = {0};
    memset(opened, 0, sizeof *opened);
    snprintf(opened->id, sizeof opened->id, "%s", name);
    json_t *service = json_parse(text, strlen(text), &err);
    if (service == NULL)
        fail_msg("%s: %s", name, err.message);
    open_service(opened, name, service);
    json_decref(service);
}

void protocol_case_operation(struct protocol_case *opened, const char *name)
{
    struct err err = {0};
    if (model_find_operation(opened->model, name, &opened->operation, &err) != 0)
        fail_msg("%s", err.message);
}

void protocol_case_close(struct protocol_case *opened)
{
    model_set_free(opened->set);
}
