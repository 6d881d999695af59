/* What the reader returns for a small model that has every trait, and for damaged files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aws/model/model.h"
#include "aws/model/model_open.h"
#include "aws/model/model_shape.h"
#include "base/mem.h"
#include "support/models.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

struct fixture {
    char *folder;
    struct model_set *set;
    const struct model *tiny;
};

static int set_up(void **state)
{
    struct fixture *fixture = mem_alloc(sizeof *fixture);
    fixture->folder = scratch_folder();
    compile_fixture(fixture->folder);
    fixture->set = model_set_new(fixture->folder);
    fixture->tiny = must_open(fixture->set, "tiny");
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    model_set_free(fixture->set);
    scratch_remove(fixture->folder);
    mem_free(fixture);
    return 0;
}

static void test_info(void **state)
{
    struct fixture *fixture = *state;
    const struct model_info *info = model_info(fixture->tiny);
    assert_string_equal(info->name, "tiny");
    assert_string_equal(info->service_id, "Tiny Things");
    assert_string_equal(info->endpoint_prefix, "tiny-prefix");
    assert_string_equal(info->signing_name, "tiny");
    assert_string_equal(info->api_version, "2020-06-01");
    assert_string_equal(info->json_version, "1.1");
    assert_string_equal(info->target_prefix, "TinyTarget");
    assert_string_equal(info->xml_namespace, "http://tiny.example/");
    assert_string_equal(info->global_endpoint, "tiny.example");
    assert_int_equal(info->protocol, MODEL_REST_XML);
    assert_true(info->query_compatible);
    assert_true(info->s3);
    info = model_info(must_open(fixture->set, "plain"));
    assert_string_equal(info->service_id, "Plain Service");
    assert_string_equal(info->signing_name, "plain-prefix");
    assert_int_equal(info->protocol, MODEL_JSON);
    assert_false(info->query_compatible);
    assert_false(info->s3);
}

static void test_operations(void **state)
{
    struct fixture *fixture = *state;
    const struct model *model = fixture->tiny;
    struct model_operation_info info;
    static const char *const names[] = {"Anonymous", "ListThings", "PutThing", "Streams"};
    assert_int_equal(model_operation_count(model), COUNT(names));
    for (size_t i = 0; i < COUNT(names); i++) {
        model_operation_info(model, model_operation_at(model, i), &info);
        assert_string_equal(info.name, names[i]);
        assert_int_equal(must_find(model, names[i]), model_operation_at(model, i));
    }
    model_operation_info(model, must_find(model, "PutThing"), &info);
    assert_string_equal(info.http_method, "PUT");
    assert_string_equal(info.request_uri, "/{Name}/{Key+}?thing");
    assert_string_equal(info.host_prefix, "{Name}.");
    assert_string_equal(info.result_wrapper, "PutThingWrapped");
    assert_string_equal(info.auth_type, "v4-unsigned-body");
    assert_string_equal(info.input_xml_name, "PutRoot");
    assert_string_equal(info.input_xml_namespace, "http://root.example/");
    assert_true(info.checksum_required && info.idempotent);
    assert_false(info.event_stream || info.readonly_trait);
    model_operation_info(model, must_find(model, "ListThings"), &info);
    assert_true(info.checksum_required && info.idempotent && info.readonly_trait);
    assert_int_equal(info.input, MODEL_NO_SHAPE);
    model_operation_info(model, must_find(model, "Anonymous"), &info);
    assert_string_equal(info.auth_type, "none");
    assert_false(info.idempotent);
    assert_int_equal(info.output, MODEL_NO_SHAPE);
    model_operation_info(model, must_find(model, "Streams"), &info);
    assert_true(info.event_stream);
}

static void test_errors(void **state)
{
    struct fixture *fixture = *state;
    struct model_error error;
    struct model_shape_info shape;
    model_operation put = must_find(fixture->tiny, "PutThing");
    assert_int_equal(model_error_count(fixture->tiny, put), 2);
    model_error_at(fixture->tiny, put, 0, &error);
    assert_string_equal(error.shape_name, "NoSuchThing");
    assert_string_equal(error.code, "Tiny.NoSuchThing");
    assert_int_equal(error.status, 404);
    model_shape_info(fixture->tiny, error.shape, &shape);
    assert_true(shape.error);
    model_error_at(fixture->tiny, put, 1, &error);
    assert_string_equal(error.code, "PlainError");
    assert_int_equal(error.status, 0);
    model_error_at(fixture->tiny, put, 2, &error);
    assert_int_equal(error.shape, MODEL_NO_SHAPE);
}

static model_shape input_of(const struct model *model, const char *operation)
{
    struct model_operation_info info;
    model_operation_info(model, must_find(model, operation), &info);
    return info.input;
}

static model_shape output_of(const struct model *model, const char *operation)
{
    struct model_operation_info info;
    model_operation_info(model, must_find(model, operation), &info);
    return info.output;
}

static struct model_member member_of(const struct model *model, model_shape shape, const char *name)
{
    struct model_member member;
    assert_true(model_member_find(model, shape, name, &member));
    assert_string_equal(member.name, name);
    return member;
}

static void test_members(void **state)
{
    struct fixture *fixture = *state;
    model_shape input = input_of(fixture->tiny, "PutThing");
    static const struct {
        const char *name, *wire;
        enum model_location location;
    } members[] = {
        {"Name", "name", MODEL_URI},       {"Key", "key", MODEL_URI},
        {"Token", "Token", MODEL_BODY},    {"Header", "same", MODEL_HEADER},
        {"Query", "q", MODEL_QUERYSTRING}, {"Rest", "x-tiny-", MODEL_HEADERS},
        {"Attribute", "same", MODEL_BODY}, {"Json", "Json", MODEL_BODY},
        {"Flat", "Flat", MODEL_BODY},      {"When", "When", MODEL_BODY},
        {"Body", "Body", MODEL_BODY},
    };
    struct model_shape_info info;
    model_shape_info(fixture->tiny, input, &info);
    assert_int_equal(info.member_count, COUNT(members));
    assert_string_equal(info.payload, "Body");
    for (size_t i = 0; i < COUNT(members); i++) {
        struct model_member member;
        model_member_at(fixture->tiny, input, i, &member);
        assert_string_equal(member.name, members[i].name);
        assert_string_equal(member.location_name, members[i].wire);
        assert_int_equal(member.location, members[i].location);
        assert_int_equal(member.has_location_name, strcmp(member.name, members[i].wire) != 0);
        member = member_of(fixture->tiny, input, members[i].name);
        assert_string_equal(member.location_name, members[i].wire);
    }
}

static void test_member_traits(void **state)
{
    struct fixture *fixture = *state;
    model_shape input = input_of(fixture->tiny, "PutThing");
    struct model_member name = member_of(fixture->tiny, input, "Name");
    assert_true(name.required && name.host_label);
    assert_false(name.idempotency_token || name.jsonvalue || name.streaming || name.flattened);
    assert_true(member_of(fixture->tiny, input, "Token").idempotency_token);
    assert_true(member_of(fixture->tiny, input, "Json").jsonvalue);
    assert_true(member_of(fixture->tiny, input, "Flat").flattened);
    assert_true(member_of(fixture->tiny, input, "Body").streaming);
    assert_int_equal(member_of(fixture->tiny, input, "When").time, MODEL_TIME_RFC822);
    struct model_member attribute = member_of(fixture->tiny, input, "Attribute");
    assert_true(attribute.xml_attribute);
    assert_string_equal(attribute.query_name, "AttributeQuery");
    assert_string_equal(attribute.xml_namespace, "http://member.example/");
    assert_string_equal(attribute.xml_prefix, "m");
    assert_string_equal(name.query_name, "");
}

static void test_members_by_wire_name(void **state)
{
    struct fixture *fixture = *state;
    model_shape input = input_of(fixture->tiny, "PutThing");
    struct model_member member;
    assert_true(model_member_by_wire(fixture->tiny, input, "q", &member));
    assert_string_equal(member.name, "Query");
    /* A header and a member of the body have the same name; decoders of bodies look up the member.
     * */
    assert_true(model_member_by_wire(fixture->tiny, input, "same", &member));
    assert_string_equal(member.name, "Attribute");
    assert_false(model_member_by_wire(fixture->tiny, input, "Query", &member));
    assert_false(model_member_find(fixture->tiny, input, "q", &member));
    assert_false(model_member_find(fixture->tiny, input, "", &member));
    assert_false(model_member_find(fixture->tiny, MODEL_NO_SHAPE, "Name", &member));
}

static void test_shape_types(void **state)
{
    struct fixture *fixture = *state;
    model_shape output = output_of(fixture->tiny, "PutThing");
    static const struct {
        const char *member;
        enum model_type type;
    } types[] = {
        {"Status", MODEL_INTEGER}, {"Choice", MODEL_STRUCTURE}, {"Doc", MODEL_DOCUMENT},
        {"Sparse", MODEL_LIST},    {"Map", MODEL_MAP},          {"Tree", MODEL_STRUCTURE},
        {"Big", MODEL_LONG},       {"Yes", MODEL_BOOLEAN},      {"Half", MODEL_FLOAT},
        {"Whole", MODEL_DOUBLE},   {"At", MODEL_TIMESTAMP},
    };
    for (size_t i = 0; i < COUNT(types); i++) {
        struct model_shape_info info;
        model_shape_info(fixture->tiny, member_of(fixture->tiny, output, types[i].member).shape,
                         &info);
        assert_int_equal(info.type, types[i].type);
    }
}

static struct model_shape_info shape_of(const struct model *model, model_shape structure,
                                        const char *name)
{
    struct model_shape_info info;
    model_shape_info(model, member_of(model, structure, name).shape, &info);
    return info;
}

static void test_shape_traits(void **state)
{
    struct fixture *fixture = *state;
    const struct model *model = fixture->tiny;
    model_shape input = input_of(model, "PutThing"), output = output_of(model, "PutThing");
    struct model_shape_info info, element;
    model_shape_info(model, output, &info);
    assert_string_equal(info.xml_name, "ResultRoot");
    assert_string_equal(info.xml_namespace, "http://result.example/");
    assert_string_equal(info.xml_prefix, "r");
    info = shape_of(model, input, "Query");
    assert_string_equal(info.element_name, "item");
    assert_string_equal(info.element_namespace, "http://element.example/");
    model_shape_info(model, info.element, &element);
    assert_int_equal(element.type, MODEL_STRING);
    assert_int_equal(info.key, MODEL_NO_SHAPE);
    info = shape_of(model, output, "Map");
    assert_true(info.flattened);
    assert_string_equal(info.key_name, "k");
    assert_string_equal(info.element_name, "v");
    assert_true(shape_of(model, output, "Sparse").sparse);
    assert_true(shape_of(model, output, "Choice").is_union);
    assert_true(shape_of(model, output, "Doc").document);
    assert_true(shape_of(model, input, "Body").streaming);
    assert_int_equal(shape_of(model, output, "At").time, MODEL_TIME_ISO8601);
}

static void test_recursion(void **state)
{
    struct fixture *fixture = *state;
    const struct model *model = fixture->tiny;
    model_shape tree = member_of(model, output_of(model, "PutThing"), "Tree").shape;
    struct model_shape_info list;
    model_shape_info(model, member_of(model, tree, "Children").shape, &list);
    assert_int_equal(list.element, tree);
}

static void test_paginator(void **state)
{
    struct fixture *fixture = *state;
    struct model_paginator pages;
    assert_false(model_paginator(fixture->tiny, must_find(fixture->tiny, "PutThing"), &pages));
    assert_true(model_paginator(fixture->tiny, must_find(fixture->tiny, "ListThings"), &pages));
    assert_int_equal(pages.token_count, 2);
    assert_string_equal(pages.input_token[1], "SubMarker");
    assert_string_equal(pages.output_token[0], "NextMarker || Things[-1].Name");
    assert_string_equal(pages.more_results, "IsTruncated");
    assert_string_equal(pages.limit_key, "Max");
    assert_int_equal(pages.result_count, 2);
    assert_string_equal(pages.result_key[1], "Others");
}

static void test_names_that_are_not(void **state)
{
    struct fixture *fixture = *state;
    struct err err = {0};
    model_operation operation;
    assert_int_equal(model_find_operation(fixture->tiny, "ListThngs", &operation, &err), -1);
    assert_int_equal(err.kind, ERR_PARAM);
    assert_string_equal(err.message,
                        "tiny has no operation \"ListThngs\", did you mean \"ListThings\"?");
    assert_null(model_open(fixture->set, "tinny", &err));
    assert_int_equal(err.kind, ERR_PARAM);
    assert_non_null(strstr(err.message, "there is no service \"tinny\", did you mean \"tiny\"? "
                                        "(engine models --services lists them; to add it: engine "
                                        "models service-2.json --out "));
    assert_non_null(strstr(err.message, " --name tinny)"));
    assert_null(model_open(fixture->set, "../x", &err));
    assert_string_equal(err.message, "there is no service \"../x\"");
    assert_null(model_open(fixture->set, "", &err));
}

static void test_set(void **state)
{
    struct fixture *fixture = *state;
    size_t count, size = 0;
    const char *const *names = model_services(fixture->set, &count);
    assert_int_equal(count, 2);
    assert_string_equal(names[0], "plain");
    assert_string_equal(names[1], "tiny");
    assert_ptr_equal(must_open(fixture->set, "tiny"), fixture->tiny);
    const void *file = model_set_file(fixture->set, "endpoints", &size);
    assert_non_null(file);
    assert_true(size > 10);
    assert_ptr_equal(model_set_file(fixture->set, "endpoints", &size), file);
    assert_null(model_set_file(fixture->set, "nothing", &size));
}

static void test_no_models(void **state)
{
    (void)state;
    struct err err = {0};
    char *folder = scratch_folder();
    struct model_set *empty = model_set_new(folder), *missing = model_set_new("/nowhere/at/all");
    assert_null(model_open(empty, "sqs", &err));
    assert_int_equal(err.kind, ERR_USAGE);
    assert_non_null(strstr(err.message, "engine models"));
    assert_null(model_open(missing, "sqs", &err));
    assert_int_equal(err.kind, ERR_USAGE);
    assert_non_null(strstr(err.message, "/nowhere/at/all"));
    model_set_free(empty);
    model_set_free(missing);
    scratch_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_info, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_operations, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_errors, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_members, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_member_traits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_members_by_wire_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_shape_types, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_shape_traits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_recursion, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_paginator, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_names_that_are_not, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_set, set_up, tear_down),
        cmocka_unit_test(test_no_models),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
