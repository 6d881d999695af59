#include "aws/model/model_map.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/model/model.h"
#include "aws/model/model_format.h"
#include "aws/model/model_internal.h"
#include "base/mem.h"

static const void *map_descriptor(int descriptor, size_t *size)
{
    struct stat status;
    if (fstat(descriptor, &status) != 0)
        return NULL;
    errno = EINVAL;
    if (!S_ISREG(status.st_mode) || status.st_size <= 0 || status.st_size > MODEL_FILE_MAX)
        return NULL;
    *size = (size_t)status.st_size;
    void *map = mmap(NULL, *size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    return map == MAP_FAILED ? NULL : map;
}

const void *model_map_file(const char *path, size_t *size)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return NULL;
    const void *map = map_descriptor(descriptor, size);
    int reason = errno;
    close(descriptor);
    errno = reason;
    return map;
}

static bool section_fits(const struct model_file_section *section, size_t record, size_t align,
                         size_t size)
{
    return section->offset >= sizeof(struct model_file_header) && section->offset <= size &&
           section->offset % align == 0 && section->count <= (size - section->offset) / record;
}

static bool sections_fit(const struct model_file_header *header, size_t size)
{
#define FITS(section, type) section_fits(&header->section, sizeof(type), _Alignof(type), size)
    return FITS(operations, struct model_file_operation) && FITS(errors, uint32_t) &&
           FITS(shapes, struct model_file_shape) && FITS(traits, struct model_file_traits) &&
           FITS(enums, model_text) && FITS(members, struct model_file_member) &&
           FITS(member_marks, struct model_file_member_mark) && FITS(by_name, uint16_t) &&
           FITS(by_wire, uint16_t) && FITS(paginators, struct model_file_paginator) &&
           FITS(endpoints, struct model_file_endpoint) && FITS(pool, char);
#undef FITS
}

static uint32_t header_checksum(const struct model_file_header *header)
{
    struct model_file_header copy = *header;
    copy.checksum = 0;
    return model_file_checksum(&copy, sizeof copy);
}

const char *model_header_fault(const struct model_file_header *header, size_t size)
{
    if (header->magic != MODEL_FILE_MAGIC)
        return "is not a compiled API model";
    if (header->version != MODEL_FILE_VERSION)
        return "was compiled by another version of the engine: compile the models again";
    if (header->checksum != header_checksum(header))
        return "is damaged: compile the models again";
    if (header->size != size)
        return "is too short or too long: compile the models again";
    return NULL;
}

/* What is wrong with a file, or NULL. */
static const char *fault_of(const unsigned char *map, size_t size)
{
    const struct model_file_header *header = (const void *)map;
    if (size < sizeof *header)
        return "is not a compiled API model";
    const char *fault = model_header_fault(header, size);
    if (fault != NULL)
        return fault;
    if (!sections_fit(header, size) || header->by_name.count != header->members.count ||
        header->by_wire.count != header->members.count || header->pool.count == 0 ||
        map[header->pool.offset + header->pool.count - 1] != '\0')
        return "is damaged: compile the models again";
    return NULL;
}

static void fill_info(struct model *model)
{
    const struct model_file_header *header = model->header;
    struct model_info *info = &model->info;
    info->name = model_text_at(model, header->name);
    info->service_id = model_text_at(model, header->service_id);
    info->endpoint_prefix = model_text_at(model, header->endpoint_prefix);
    info->signing_name = model_text_at(model, header->signing_name);
    info->api_version = model_text_at(model, header->api_version);
    info->uid = model_text_at(model, header->uid);
    info->json_version = model_text_at(model, header->json_version);
    info->target_prefix = model_text_at(model, header->target_prefix);
    info->xml_namespace = model_text_at(model, header->xml_namespace);
    info->global_endpoint = model_text_at(model, header->global_endpoint);
    info->protocol = header->protocol < MODEL_UNSUPPORTED ? (enum model_protocol)header->protocol
                                                          : MODEL_UNSUPPORTED;
    info->query_compatible = (header->flags & MODEL_FILE_QUERY_COMPATIBLE) != 0;
    info->s3 = (header->flags & MODEL_FILE_S3) != 0;
}

struct model *model_map(const char *path, struct err *err)
{
    size_t size;
    const unsigned char *map = model_map_file(path, &size);
    if (map == NULL) {
        err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
        return NULL;
    }
    const char *fault = fault_of(map, size);
    if (fault != NULL) {
        err_set(err, ERR_PARSE, "%s %s", path, fault);
        munmap((void *)(uintptr_t)map, size);
        return NULL;
    }
    struct model *model = mem_alloc(sizeof *model);
    model->map = map;
    model->size = size;
    model->header = (const void *)map;
    model->found = mem_alloc(MODEL_PLACES * sizeof *model->found);
    fill_info(model);
    return model;
}

static void free_found(struct model *model)
{
    for (size_t i = 0; i < MODEL_PLACES; i++) {
        while (model->found[i] != NULL) {
            struct model_found *found = model->found[i];
            model->found[i] = found->next;
            mem_free(found);
        }
    }
    mem_free(model->found);
}

void model_unmap(struct model *model)
{
    if (model == NULL)
        return;
    munmap((void *)(uintptr_t)model->map, model->size);
    free_found(model);
    mem_free(model);
}

const char *model_text_at(const struct model *model, model_text offset)
{
    const struct model_file_section *pool = &model->header->pool;
    return offset < pool->count ? (const char *)model->map + pool->offset + offset : "";
}
