#include "aws/model_compiler/save.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "aws/model_compiler/builder.h"
#include "base/digest.h"
#include "base/mem.h"

static struct model_file_section add_section(struct buf *out, const struct buf *records,
                                             size_t record)
{
    while (out->len % 4 != 0)
        buf_addc(out, '\0');
    struct model_file_section section = {(uint32_t)out->len, (uint32_t)(records->len / record)};
    buf_add(out, records->data, records->len);
    out->failed |= records->failed;
    return section;
}

/* The header comes last: it says where the sections are, and sums up the bytes of the file. */
static void write_header(struct model_file_header *header, struct buf *out)
{
    unsigned char digest[SHA256_BYTES];
    header->magic = MODEL_FILE_MAGIC;
    header->version = MODEL_FILE_VERSION;
    header->size = (uint32_t)out->len;
    header->checksum = 0;
    memset(header->digest, 0, sizeof header->digest);
    memcpy(out->data, header, sizeof *header);
    digest_sha256(out->data, out->len, digest);
    memcpy(header->digest, digest, sizeof header->digest);
    header->checksum = model_file_checksum(header, sizeof *header);
    memcpy(out->data, header, sizeof *header);
}

static void write_sections(struct builder *builder, struct buf *out)
{
    struct model_file_header *header = &builder->header;
    buf_add(out, header, sizeof *header);
#define ADD(section, type) header->section = add_section(out, &builder->section, sizeof(type));
    BUILDER_EACH_SECTION(ADD)
#undef ADD
    header->pool = add_section(out, &builder->pool.bytes, 1);
    write_header(header, out);
}

int builder_save(struct builder *builder, const char *path, uint64_t *size, struct err *err)
{
    struct buf out;
    int result;
    buf_init(&out, MODEL_FILE_MAX);
    write_sections(builder, &out);
    *size = out.len;
    if (out.failed)
        result = err_set(err, ERR_LIMIT, "%s: larger than %u bytes", path, MODEL_FILE_MAX);
    else
        result = save_file(path, out.data, out.len, err);
    buf_clear(&out);
    return result;
}

static int write_all(int descriptor, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t wrote = write(descriptor, bytes, length);
        if (wrote < 0 && errno != EINTR)
            return -1;
        if (wrote > 0) {
            bytes += wrote;
            length -= (size_t)wrote;
        }
    }
    return 0;
}

static int write_file(const char *path, const void *bytes, size_t length)
{
    int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (descriptor < 0)
        return -1;
    int result = write_all(descriptor, bytes, length);
    return close(descriptor) != 0 ? -1 : result;
}

int save_file(const char *path, const void *bytes, size_t length, struct err *err)
{
    char *beside = mem_printf("%s.%ld", path, (long)getpid());
    int result = 0;
    if (write_file(beside, bytes, length) != 0 || rename(beside, path) != 0) {
        result = err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
        unlink(beside);
    }
    mem_free(beside);
    return result;
}
