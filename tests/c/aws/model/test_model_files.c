/* Model files that are cut off, foreign or damaged: they are refused when they are opened, or at
 * least never read beyond their end. And what the compiler refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "aws/model/model.h"
#include "aws/model/model_format.h"
#include "aws/model/model_open.h"
#include "aws/model/model_shape.h"
#include "aws/model_compiler/compile.h"
#include "base/digest.h"
#include "base/mem.h"
#include "support/models.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* The bytes of the compiled fixture, and a folder for changed copies. */
struct bytes {
    char *folder;
    char *path;
    unsigned char *data;
    size_t length;
};

static int set_up(void **state)
{
    struct bytes *bytes = mem_alloc(sizeof *bytes);
    bytes->folder = scratch_folder();
    compile_fixture(bytes->folder);
    bytes->path = scratch_path(bytes->folder, "tiny.model");
    bytes->data = scratch_read(bytes->path, &bytes->length);
    *state = bytes;
    return 0;
}

static int tear_down(void **state)
{
    struct bytes *bytes = *state;
    scratch_remove(bytes->folder);
    mem_free(bytes->path);
    mem_free(bytes->data);
    mem_free(bytes);
    return 0;
}

/* Opens the present content of the folder. */
static void assert_refused(const struct bytes *bytes, const char *said)
{
    struct err err = {0};
    struct model_set *set = model_set_new(bytes->folder);
    assert_null(model_open(set, "tiny", &err));
    if (strstr(err.message, said) == NULL || strstr(err.message, "tiny.model") == NULL)
        fail_msg("said: %s", err.message);
    model_set_free(set);
}

/* Reads everything that can be read of a model. */
static size_t walk(const struct model *model)
{
    size_t seen = 0;
    for (size_t i = 0; i < model_operation_count(model) + 2; i++) {
        struct model_operation_info info;
        struct model_paginator pages;
        struct model_error error;
        model_operation operation = model_operation_at(model, i);
        model_operation_info(model, operation, &info);
        seen += strlen(info.name) + model_paginator(model, operation, &pages);
        for (size_t j = 0; j < model_error_count(model, operation) && j < 10; j++)
            model_error_at(model, operation, j, &error);
    }
    for (model_shape shape = 0; shape < 100; shape++) {
        struct model_shape_info info;
        model_shape_info(model, shape, &info);
        seen += strlen(info.name);
        for (size_t i = 0; i < info.member_count && i < 20; i++) {
            struct model_member member, found;
            model_member_at(model, shape, i, &member);
            seen += model_member_find(model, shape, member.name, &found);
            seen += model_member_by_wire(model, shape, member.location_name, &found);
        }
    }
    return seen;
}

static void test_cut_off(void **state)
{
    struct bytes *bytes = *state;
    for (size_t length = 1; length < bytes->length; length += 1 + length / 50) {
        scratch_write(bytes->path, bytes->data, length);
        assert_refused(bytes, length < sizeof(struct model_file_header)
                                  ? "is not a compiled API model"
                                  : "is too short or too long");
    }
    scratch_write(bytes->path, "", 0);
    assert_refused(bytes, "");
}

static void test_foreign(void **state)
{
    struct bytes *bytes = *state;
    char zeros[1000] = {0};
    scratch_write(bytes->path, zeros, sizeof zeros);
    assert_refused(bytes, "is not a compiled API model");
    bytes->data[offsetof(struct model_file_header, version)]++;
    scratch_write(bytes->path, bytes->data, bytes->length);
    assert_refused(bytes, "another version");
}

/* Otherwise each of thousands of calls would read the file again: a set remembers its result. */
static void test_refused_for_good(void **state)
{
    struct bytes *bytes = *state;
    struct model_set *set = model_set_new(bytes->folder);
    struct err err = {0}, again = {0};
    size_t size;
    scratch_write(bytes->path, "?", 1);
    assert_null(model_open(set, "tiny", &err));
    assert_null(model_set_file(set, "absent", &size));
    scratch_write(bytes->path, bytes->data, bytes->length);
    assert_null(model_open(set, "tiny", &again));
    assert_string_equal(err.message, again.message);
    assert_null(model_set_file(set, "absent", &size));
    model_set_free(set);
    set = model_set_new(bytes->folder);
    assert_non_null(model_open(set, "tiny", &err));
    model_set_free(set);
}

/* A name comes from a policy: it names no file outside of the directory. */
static void test_names_stay_inside(void **state)
{
    struct bytes *bytes = *state;
    static const char *const names[] = {"", "./tiny", "sub/../tiny", "../tiny", "/tiny"};
    char *folder = scratch_path(bytes->folder, "sub");
    assert_int_equal(mkdir(folder, 0700), 0);
    struct model_set *inner = model_set_new(folder), *set = model_set_new(bytes->folder);
    for (size_t i = 0; i < COUNT(names); i++) {
        struct err err = {0};
        assert_null(model_open(set, names[i], &err));
        assert_int_equal(err.kind, ERR_PARAM);
        assert_null(model_open(inner, names[i], &err));
    }
    struct err err = {0};
    assert_non_null(model_open(set, "tiny", &err));
    model_set_free(inner);
    model_set_free(set);
    rmdir(folder);
    mem_free(folder);
}

static void test_header_is_guarded(void **state)
{
    struct bytes *bytes = *state;
    for (size_t i = 8; i < sizeof(struct model_file_header); i++) {
        bytes->data[i] ^= 0x10;
        scratch_write(bytes->path, bytes->data, bytes->length);
        assert_refused(bytes, "is damaged");
        bytes->data[i] ^= 0x10;
    }
}

static void test_grown(void **state)
{
    struct bytes *bytes = *state;
    unsigned char *longer = mem_alloc(bytes->length + 1);
    memcpy(longer, bytes->data, bytes->length);
    scratch_write(bytes->path, longer, bytes->length + 1);
    assert_refused(bytes, "is too short or too long");
    mem_free(longer);
}

/* A header that is valid in itself but points beyond the file. */
static void test_sections_beyond(void **state)
{
    struct bytes *bytes = *state;
    struct model_file_header *header = (void *)bytes->data;
    struct model_file_section *sections = &header->operations;
    size_t count = (size_t)(&header->pool - sections) + 1;
    for (size_t i = 0; i < count * 3; i++) {
        struct model_file_section saved = sections[i / 3];
        sections[i / 3].offset = i % 3 == 0 ? header->size + 4 : i % 3 == 1 ? 0 : saved.offset;
        sections[i / 3].count = i % 3 == 2 ? UINT32_MAX : saved.count;
        header->checksum = 0;
        header->checksum = model_file_checksum(header, sizeof *header);
        scratch_write(bytes->path, bytes->data, bytes->length);
        assert_refused(bytes, "is damaged");
        sections[i / 3] = saved;
    }
}

static void expect_digest(const struct bytes *bytes, const char *service, const char *expected)
{
    char digest[MODEL_DIGEST_HEX];
    struct model_set *set = model_set_new(bytes->folder);
    model_file_digest(set, service, digest);
    assert_string_equal(digest, expected);
    model_set_free(set);
}

/* The head names the content of the file. A file that cannot be opened has no digest. */
static void test_digest(void **state)
{
    struct bytes *bytes = *state;
    struct model_file_header *header = (void *)bytes->data;
    unsigned char written[sizeof header->digest], all[SHA256_BYTES];
    char hex[MODEL_DIGEST_HEX];
    memcpy(written, header->digest, sizeof written);
    digest_hex(written, sizeof written, hex);
    expect_digest(bytes, "tiny", hex);
    expect_digest(bytes, "absent", "");
    expect_digest(bytes, "../tiny", "");
    scratch_write(bytes->path, bytes->data, bytes->length - 1);
    expect_digest(bytes, "tiny", "");
    header->checksum ^= 1;
    scratch_write(bytes->path, bytes->data, bytes->length);
    expect_digest(bytes, "tiny", "");
    header->checksum = 0;
    memset(header->digest, 0, sizeof header->digest);
    digest_sha256(bytes->data, bytes->length, all);
    assert_memory_equal(all, written, sizeof written);
}

/* Damage after the header is found when that part is used; nothing is read beyond the file. */
static void test_noise(void **state)
{
    struct bytes *bytes = *state;
    uint32_t random = 12345;
    size_t seen = 0;
    for (int round = 0; round < 400; round++) {
        unsigned char *noisy = mem_alloc(bytes->length);
        memcpy(noisy, bytes->data, bytes->length);
        for (int i = 0; i < 20; i++) {
            random = random * 1664525u + 1013904223u;
            size_t room = bytes->length - 1 - sizeof(struct model_file_header);
            noisy[sizeof(struct model_file_header) + (random >> 8) % room] = (unsigned char)random;
        }
        scratch_write(bytes->path, noisy, bytes->length);
        struct model_set *set = model_set_new(bytes->folder);
        seen += walk(must_open(set, "tiny"));
        model_set_free(set);
        mem_free(noisy);
    }
    assert_true(seen > 1000);
}

static void test_every_real_model(void **state)
{
    (void)state;
    struct model_set *set = real_models();
    size_t count, operations = 0;
    const char *const *names = model_services(set, &count);
    for (size_t i = 0; i < count; i++) {
        const struct model *model = must_open(set, names[i]);
        assert_string_equal(model_info(model)->name, names[i]);
        operations += model_operation_count(model);
        assert_true(walk(model) > 0);
    }
    print_message("%zu services, %zu operations\n", count, operations);
    assert_true(operations > 15000);
    assert_ptr_equal(must_open(set, "acm_pca"), must_open(set, "acm-pca"));
    model_set_free(set);
}

struct refusal {
    const char *model;
    const char *said;
};

static void test_compiler_refuses(void **state)
{
    struct bytes *bytes = *state;
#define MODEL(operations, shapes)                                                                  \
    "{\"metadata\":{},\"operations\":{" operations "},\"shapes\":{" shapes "}}"
#define OPERATION "\"A\":{\"input\":{\"shape\":\"B\"}}"
    static const struct refusal refusals[] = {
        {"", "line 1"},
        {"[]", "not a service model"},
        {"{\"metadata\":{},\"operations\":{}}", "not a service model"},
        {MODEL(OPERATION, ""), "there is no shape \"B\""},
        {MODEL(OPERATION, "\"B\":{\"type\":\"odd\"}"), "unknown type \"odd\""},
        {MODEL(OPERATION, "\"B\":{\"type\":\"structure\",\"members\":{\"C\":{\"shape\":\"D\"}}}"),
         "member \"C\": there is no shape \"D\""},
        {MODEL(OPERATION, "\"B\":{\"type\":\"map\",\"key\":{\"shape\":\"B\"},"
                          "\"value\":{\"shape\":\"E\"}}"),
         "shape \"B\": there is no shape \"E\""},
    };
    char *source = scratch_path(bytes->folder, "service-2.json");
    for (size_t i = 0; i < COUNT(refusals); i++) {
        struct models_report report;
        struct err err = {0};
        scratch_write(source, refusals[i].model, strlen(refusals[i].model));
        assert_int_equal(models_compile(source, bytes->folder, "new", &report, &err), -1);
        if (strstr(err.message, refusals[i].said) == NULL)
            fail_msg("said: %s", err.message);
    }
    char *result = scratch_path(bytes->folder, "new.model");
    assert_int_not_equal(access(result, F_OK), 0);
    mem_free(result);
    mem_free(source);
}

static void test_paginators_that_do_not_fit(void **state)
{
    struct bytes *bytes = *state;
    static const char model[] = MODEL("\"A\":{\"http\":{}}", "");
    static const struct refusal refusals[] = {
        {"{\"pagination\":{\"A\":{\"input_token\":[\"a\",\"b\"],\"output_token\":\"c\"}}}",
         "the number of output tokens"},
        {"{\"pagination\":{\"A\":{\"input_token\":[1,2,3,4,5],\"output_token\":\"c\"}}}",
         "input_token: more than 4"},
        {"{", "line 1"},
    };
    char *source = scratch_path(bytes->folder, "service-2.json");
    char *pages = scratch_path(bytes->folder, "paginators-1.json");
    scratch_write(source, model, strlen(model));
    for (size_t i = 0; i < COUNT(refusals); i++) {
        struct models_report report;
        struct err err = {0};
        scratch_write(pages, refusals[i].model, strlen(refusals[i].model));
        assert_int_equal(models_compile(source, bytes->folder, "new", &report, &err), -1);
        if (strstr(err.message, refusals[i].said) == NULL)
            fail_msg("said: %s", err.message);
    }
    mem_free(pages);
    mem_free(source);
}

static void test_wrong_sources(void **state)
{
    struct bytes *bytes = *state;
    struct models_report report;
    struct err err = {0};
    assert_int_equal(models_compile("/nowhere", bytes->folder, NULL, &report, &err), -1);
    assert_int_equal(err.kind, ERR_USAGE);
    assert_int_equal(models_compile(bytes->folder, bytes->folder, NULL, &report, &err), -1);
    assert_int_equal(err.kind, ERR_USAGE);
    assert_non_null(strstr(err.message, "contains no models"));
    assert_int_equal(models_compile(bytes->folder, bytes->folder, "x", &report, &err), -1);
    assert_int_equal(err.kind, ERR_USAGE);
    assert_int_equal(models_compile(bytes->path, bytes->folder, NULL, &report, &err), -1);
    assert_int_equal(err.kind, ERR_USAGE);
    assert_int_equal(models_compile(bytes->path, bytes->folder, "Not/Good", &report, &err), -1);
    assert_int_equal(err.kind, ERR_USAGE);
    assert_int_equal(models_compile("tests/fixtures/models/data", bytes->path, NULL, &report, &err),
                     -1);
    assert_int_equal(err.kind, ERR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_cut_off, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_foreign, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refused_for_good, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_names_stay_inside, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_header_is_guarded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_grown, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_sections_beyond, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_digest, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_noise, set_up, tear_down),
        cmocka_unit_test(test_every_real_model),
        cmocka_unit_test_setup_teardown(test_compiler_refuses, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_paginators_that_do_not_fit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_wrong_sources, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
