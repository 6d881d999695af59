#include "aws/model/model_open.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/model/model.h"
#include "aws/model/model_format.h"
#include "aws/model/model_internal.h"
#include "aws/model/model_map.h"
#include "base/clean_text.h"
#include "base/digest.h"
#include "base/mem.h"
#include "base/suggest.h"

struct mapped_file {
    char *name;
    const void *map; /* NULL: the file could not be mapped; it is not tried again */
    size_t size;
    struct mapped_file *next;
};

struct service {
    char *name;
    struct model *model; /* NULL: the file cannot be used; it is not tried again */
    struct err fault;    /* why */
    struct service *next;
};

struct model_set {
    char *directory;
    bool listed;
    char **names; /* sorted; those of all services */
    size_t count;
    struct service *services; /* that were opened; the latest first */
    struct mapped_file *files;
};

struct model_set *model_set_new(const char *directory)
{
    struct model_set *set = mem_alloc(sizeof *set);
    set->directory = mem_strdup(directory);
    return set;
}

void model_set_free(struct model_set *set)
{
    if (set == NULL)
        return;
    for (size_t i = 0; i < set->count; i++)
        mem_free(set->names[i]);
    while (set->services != NULL) {
        struct service *service = set->services;
        set->services = service->next;
        model_unmap(service->model);
        mem_free(service->name);
        mem_free(service);
    }
    while (set->files != NULL) {
        struct mapped_file *file = set->files;
        set->files = file->next;
        if (file->map != NULL)
            munmap((void *)(uintptr_t)file->map, file->size);
        mem_free(file->name);
        mem_free(file);
    }
    mem_free(set->names);
    mem_free(set->directory);
    mem_free(set);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_name(struct model_set *set, const char *file)
{
    size_t length = strlen(file), suffix = strlen(MODEL_FILE_SUFFIX);
    if (length <= suffix || strcmp(file + length - suffix, MODEL_FILE_SUFFIX) != 0)
        return;
    set->names = mem_resize(set->names, (set->count + 1) * sizeof *set->names);
    set->names[set->count++] = mem_strndup(file, length - suffix);
}

/* Reads the directory once: it does not change while the engine runs. */
static void list_directory(struct model_set *set)
{
    if (set->listed)
        return;
    set->listed = true;
    DIR *directory = opendir(set->directory);
    if (directory == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        add_name(set, entry->d_name);
    closedir(directory);
    if (set->count > 0)
        qsort(set->names, set->count, sizeof *set->names, compare_names);
}

const char *const *model_services(struct model_set *set, size_t *count)
{
    list_directory(set);
    *count = set->count;
    return (const char *const *)set->names;
}

/* The service's name as botocore's directories spell it; false if it is too long. */
static bool file_name(const char *service, char name[SUGGEST_LONGEST])
{
    size_t length = strlen(service);
    if (length >= SUGGEST_LONGEST)
        return false;
    for (size_t i = 0; i <= length; i++)
        name[i] = service[i] == '_' ? '-' : service[i];
    return true;
}

/* Could a service have this name? */
static bool is_name(const char *name)
{
    return name[0] != '\0' && name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

static int no_service(struct model_set *set, const char *service, struct err *err)
{
    list_directory(set);
    if (set->count == 0)
        return err_set(err, ERR_USAGE,
                       "no API models in %s: set --models DIR or ENGINE_MODELS, or compile them "
                       "with `engine models SRC --out DIR`",
                       set->directory);
    struct suggest suggest;
    char hint[SUGGEST_TEXT];
    suggest_init(&suggest, service);
    for (size_t i = 0; i < set->count; i++)
        suggest_offer(&suggest, set->names[i]);
    suggest_text(&suggest, hint);
    char name[SUGGEST_LONGEST];
    if (!file_name(service, name) || !is_name(name))
        return err_set(err, ERR_PARAM, "there is no service \"%s\"%s", service, hint);
    char *directory = text_shell(set->directory);
    err_set(err, ERR_PARAM,
            "there is no service \"%s\"%s (engine models --services lists them; to add it: engine "
            "models service-2.json --out %s --name %s)",
            service, hint, directory, name);
    mem_free(directory);
    return -1;
}

static struct service *find_service(const struct model_set *set, const char *name)
{
    struct service *service = set->services;
    while (service != NULL && strcmp(service->name, name) != 0)
        service = service->next;
    return service;
}

/* Opens the file without a look at the whole directory, which has hundreds. A file that cannot be
 * used is not tried again: otherwise each of thousands of calls would read it. NULL if there is no
 * such file. */
static struct service *open_first(struct model_set *set, const char *name)
{
    struct service *service = NULL;
    char *path = mem_printf("%s/%s" MODEL_FILE_SUFFIX, set->directory, name);
    if (access(path, F_OK) == 0) {
        service = mem_alloc(sizeof *service);
        service->name = mem_strdup(name);
        service->model = model_map(path, &service->fault);
        service->next = set->services;
        set->services = service;
    }
    mem_free(path);
    return service;
}

const struct model *model_open(struct model_set *set, const char *service, struct err *err)
{
    char name[SUGGEST_LONGEST];
    struct service *found = NULL;
    if (file_name(service, name) && name[0] != '\0' && strchr(name, '/') == NULL) {
        found = find_service(set, name);
        if (found == NULL)
            found = open_first(set, name);
    }
    if (found == NULL) {
        no_service(set, service, err);
        return NULL;
    }
    if (found->model == NULL)
        *err = found->fault;
    return found->model;
}

/* Maps nothing: of most services, only this is read. */
static bool read_head(const char *path, struct model_file_header *header)
{
    struct stat status;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    bool complete = fstat(descriptor, &status) == 0 &&
                    read(descriptor, header, sizeof *header) == (ssize_t)sizeof *header;
    close(descriptor);
    return complete && model_header_fault(header, (size_t)status.st_size) == NULL;
}

void model_file_digest(const struct model_set *set, const char *service,
                       char digest[MODEL_DIGEST_HEX])
{
    char name[SUGGEST_LONGEST];
    struct model_file_header header;
    digest[0] = '\0';
    if (!file_name(service, name) || !is_name(name))
        return;
    char *path = mem_printf("%s/%s" MODEL_FILE_SUFFIX, set->directory, name);
    if (read_head(path, &header))
        digest_hex(header.digest, sizeof header.digest, digest);
    mem_free(path);
}

const void *model_set_file(struct model_set *set, const char *name, size_t *size)
{
    for (struct mapped_file *file = set->files; file != NULL; file = file->next) {
        if (strcmp(file->name, name) == 0) {
            *size = file->size;
            return file->map;
        }
    }
    char *path = mem_printf("%s/%s", set->directory, name);
    const void *map = model_map_file(path, size);
    mem_free(path);
    struct mapped_file *file = mem_alloc(sizeof *file);
    *file = (struct mapped_file){mem_strdup(name), map, *size, set->files};
    set->files = file;
    return map;
}
