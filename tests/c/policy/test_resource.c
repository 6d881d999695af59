/* Resource lines: what is accepted, what is refused, and with which message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "policy/resource.h"
#include "value/json.h"

#define LINE(rest)                                                                                 \
    "{\"account\":\"111122223333\",\"region\":\"us-east-1\",\"type\":\"sqs\",\"id\":\"q\"" rest "}"

static struct resource *parse(const char *text, struct err *err)
{
    return resource_parse(text, strlen(text), err);
}

static void refused(const char *text, const char *word)
{
    struct err err = {0};
    assert_null(parse(text, &err));
    assert_int_equal(err.kind, ERR_PARSE);
    if (strstr(err.message, word) == NULL)
        fail_msg("'%s' does not speak of '%s'", err.message, word);
}

static void test_members(void **state)
{
    (void)state;
    struct err err = {0};
    struct resource *resource = parse(LINE(",\"delay\":900,\"attempt\":3"), &err);
    assert_non_null(resource);
    assert_string_equal(resource->account, "111122223333");
    assert_string_equal(resource->region, "us-east-1");
    assert_string_equal(resource->type, "sqs");
    assert_string_equal(resource->id, "q");
    assert_int_equal(resource->delay, 900);
    assert_int_equal(resource->attempt, 3);
    resource_free(resource);
}

static void test_format(void **state)
{
    (void)state;
    struct err err = {0};
    struct resource *resource = parse(LINE(",\"format\":1"), &err);
    assert_non_null(resource);
    resource_free(resource);
    assert_null(parse(LINE(",\"format\":2"), &err));
    assert_non_null(strstr(err.message, "a newer engine wrote this (\"format\" is 2)"));
    assert_null(parse(LINE(",\"format\":0"), &err));
    assert_non_null(strstr(err.message, "must be the number of a format version"));
}

static void test_unknown_keys_are_kept(void **state)
{
    (void)state;
    struct err err = {0};
    struct resource *resource = parse(LINE(",\"cause\":{\"by\":[1,2]},\"attempt\":2"), &err);
    assert_non_null(resource);
    resource->attempt = 0;
    resource->delay = 60;
    json_t *line = resource_to_json(resource);
    char *text = json_text(line);
    assert_string_equal(text, LINE(",\"cause\":{\"by\":[1,2]},\"delay\":60"));
    mem_free(text);
    json_decref(line);
    resource_free(resource);
}

static void test_new(void **state)
{
    (void)state;
    struct resource *resource = resource_new("111122223333", "eu-west-1", "ami", "ami-\"1\"\n");
    json_t *line = resource_to_json(resource);
    struct err err = {0};
    struct resource *again = resource_from_json(line, &err);
    assert_non_null(again);
    assert_string_equal(again->id, "ami-\"1\"\n");
    assert_int_equal(json_object_size(line), 4);
    resource_free(again);
    resource_free(resource);
    json_decref(line);
}

static void test_packed(void **state)
{
    (void)state;
    struct err err = {0};
    struct resource *resource = parse(LINE(",\"cause\":{\"by\":[1,2]},\"attempt\":2"), &err);
    assert_non_null(resource);
    assert_in_range(resource_pack(resource), 100, 400);
    assert_null(resource->id);
    assert_null(resource->line);
    resource_unpack(resource);
    resource_unpack(resource);
    assert_null(resource->packed);
    assert_int_equal(resource->attempt, 2);
    json_t *line = resource_to_json(resource);
    char *text = json_text(line);
    assert_string_equal(text, LINE(",\"cause\":{\"by\":[1,2]},\"attempt\":2"));
    mem_free(text);
    json_decref(line);
    resource_pack(resource);
    resource_free(resource);
}

/* Most lines have no other members: then the texts alone are kept. */
static void test_packed_without_other_members(void **state)
{
    (void)state;
    struct err err = {0};
    struct resource *resource = parse(LINE(""), &err);
    size_t before = strlen(LINE(""));
    assert_non_null(resource);
    assert_in_range(resource_pack(resource), 1, sizeof *resource + before / 2);
    assert_null(resource->id);
    assert_null(resource->line);
    resource_unpack(resource);
    assert_null(resource->packed);
    json_t *line = resource_to_json(resource);
    char *text = json_text(line), *kept = json_text(resource->line);
    assert_string_equal(text, LINE(""));
    assert_string_equal(kept, LINE(""));
    mem_free(text);
    mem_free(kept);
    json_decref(line);
    resource_pack(resource);
    resource_free(resource);
}

/* It would become U+FFFD: another id. */
static void test_an_id_that_is_not_utf8_is_not_packed(void **state)
{
    (void)state;
    struct resource *resource = resource_new("111122223333", "eu-west-1", "ami", "ami-\xff");
    resource_pack(resource);
    assert_string_equal(resource->id, "ami-\xff");
    resource_unpack(resource);
    assert_string_equal(resource->id, "ami-\xff");
    resource_free(resource);
}

static void test_refusals(void **state)
{
    (void)state;
    refused("", "column 0");
    refused("[]", "object");
    refused("{\"account\":\"111122223333\"}", "\"region\"");
    refused("{\"region\":\"us-east-1\"}", "\"account\"");
    refused("{\"account\":111122223333,\"region\":\"r\",\"type\":\"t\",\"id\":\"i\"}",
            "\"account\"");
    refused("{\"account\":\"1111222233334\",\"region\":\"r\",\"type\":\"t\",\"id\":\"i\"}",
            "12 digits");
    refused("{\"account\":\"111122223333\",\"region\":\"a.b/\",\"type\":\"t\",\"id\":\"i\"}",
            "\"region\"");
    refused("{\"account\":\"111122223333\",\"region\":\"r\",\"type\":\"../t\",\"id\":\"i\"}",
            "\"type\"");
    refused("{\"account\":\"111122223333\",\"region\":\"r\",\"type\":\"t\",\"id\":\"\"}", "\"id\"");
    refused("{\"account\":\"111122223333\",\"region\":\"r\",\"type\":\"t\",\"id\":[1]}", "\"id\"");
    refused(LINE(",\"delay\":\"5\""), "\"delay\"");
    refused(LINE(",\"delay\":-1"), "\"delay\"");
    refused(LINE(",\"attempt\":1.5"), "\"attempt\"");
    refused(LINE(",\"id\":\"twice\""), "uplicate");
    refused(LINE("") " {}", "column");
}

static void test_long_id(void **state)
{
    (void)state;
    char id[4098];
    memset(id, 'x', sizeof id - 1);
    id[sizeof id - 1] = '\0';
    struct resource *resource = resource_new("111122223333", "us-east-1", "sqs", id);
    json_t *line = resource_to_json(resource);
    struct err err = {0};
    assert_null(resource_from_json(line, &err));
    assert_non_null(strstr(err.message, "\"id\""));
    json_decref(line);
    resource_free(resource);
}

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_unknown_keys_are_kept),
        cmocka_unit_test(test_new),
        cmocka_unit_test(test_packed),
        cmocka_unit_test(test_packed_without_other_members),
        cmocka_unit_test(test_an_id_that_is_not_utf8_is_not_packed),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_long_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
