/* Members that are looked up together with their shapes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aws/model/model_field.h"
#include "aws/model/model_open.h"
#include "support/models.h"

static model_shape input_of(const struct model *model, const char *operation)
{
    struct model_operation_info info;
    model_operation_info(model, must_find(model, operation), &info);
    return info.input;
}

/* A field is the member and its shape as the member sees it, by either name, each time. */
static void test_fields(void **state)
{
    char *folder = scratch_folder();
    compile_fixture(folder);
    struct model_set *set = model_set_new(folder);
    const struct model *tiny = must_open(set, "tiny");
    (void)state;
    model_shape input = input_of(tiny, "PutThing");
    const struct model_field *by_wire = model_field_by_wire(tiny, input, "q");
    assert_string_equal(by_wire->member.name, "Query");
    assert_ptr_equal(model_field_by_wire(tiny, input, "q"), by_wire);
    assert_string_equal(model_field_find(tiny, input, "Query")->member.location_name, "q");
    assert_string_equal(model_field_by_wire(tiny, input, "same")->member.name, "Attribute");
    assert_null(model_field_by_wire(tiny, input, "Query"));
    assert_null(model_field_find(tiny, input, "q"));
    assert_null(model_field_find(tiny, input, ""));
    assert_null(model_field_find(tiny, MODEL_NO_SHAPE, "Name"));
    assert_string_equal(model_field_find(tiny, input, "Attribute")->shape.xml_namespace,
                        "http://member.example/");
    model_set_free(set);
    scratch_remove(folder);
}

/* Each member of each structure, looked up twice: names that share a place are told apart. */
static void test_all_fields(void **state)
{
    (void)state;
    struct model_set *set = real_models();
    const struct model *ec2 = must_open(set, "ec2");
    size_t count = 0;
    for (model_shape shape = 0; shape < 4000; shape++) {
        struct model_shape_info info;
        model_shape_info(ec2, shape, &info);
        for (size_t i = 0; i < 2 * info.member_count; i++) {
            struct model_member member;
            model_member_at(ec2, shape, i % info.member_count, &member);
            const struct model_field *field = model_field_find(ec2, shape, member.name);
            assert_string_equal(field->member.name, member.name);
            assert_int_equal(field->member.shape, member.shape);
            model_member_by_wire(ec2, shape, member.location_name, &member);
            assert_string_equal(model_field_by_wire(ec2, shape, member.location_name)->member.name,
                                member.name);
            count++;
        }
    }
    assert_true(count > 10000);
    model_set_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_all_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
