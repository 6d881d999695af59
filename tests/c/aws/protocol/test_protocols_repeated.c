/* Elements of XML that a response repeats: of a member that is no flattened list, the first is
 * used. The real model of EC2 has a structure with more such members than any other reply needs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "aws/model/model_field.h"
#include "aws/model/model_open.h"
#include "aws/protocol/protocol.h"
#include "base/buf.h"
#include "base/mem.h"
#include "support/models.h"

#define MAX_BODY 100000u

static model_shape list_element(const struct model *model, model_shape structure, const char *name)
{
    return model_field_find(model, structure, name)->shape.element;
}

/* Every member that is a string, with this value. Returns how many there are. */
static size_t add_texts(const struct model *model, model_shape structure, const char *value,
                        struct buf *body)
{
    struct model_shape_info info;
    size_t count = 0;
    model_shape_info(model, structure, &info);
    for (size_t i = 0; i < info.member_count; i++) {
        struct model_member member;
        struct model_shape_info shape;
        model_member_at(model, structure, i, &member);
        model_member_shape(model, &member, &shape);
        if (shape.type != MODEL_STRING)
            continue;
        buf_addf(body, "<%s>%s</%s>", member.location_name, value, member.location_name);
        count++;
    }
    return count;
}

static void test_first_is_used(void **state)
{
    struct model_set *set = real_models();
    const struct model *ec2 = must_open(set, "ec2");
    struct model_operation_info operation;
    struct err err = {0};
    json_t *result, *value;
    const char *name;
    struct buf body;
    (void)state;
    model_operation_info(ec2, must_find(ec2, "DescribeInstances"), &operation);
    model_shape reservation = list_element(ec2, operation.output, "Reservations");
    model_shape instance = list_element(ec2, reservation, "Instances");
    buf_init(&body, MAX_BODY);
    buf_adds(&body, "<DescribeInstancesResponse><reservationSet><item><instancesSet><item>");
    size_t count = add_texts(ec2, instance, "first", &body);
    add_texts(ec2, instance, "second", &body);
    buf_adds(&body, "</item></instancesSet></item></reservationSet></DescribeInstancesResponse>");
    const struct http_response response = {
        .status = 200, .body = body.data, .body_length = body.len};
    assert_int_equal(
        proto_decode(ec2, must_find(ec2, "DescribeInstances"), &response, &result, &err), 0);
    json_t *reservations = json_object_get(result, "Reservations");
    json_t *instances = json_object_get(json_array_get(reservations, 0), "Instances");
    json_t *found = json_array_get(instances, 0);
    assert_int_equal(json_object_size(found), count);
    assert_true(count > 20);
    json_object_foreach (found, name, value)
        assert_string_equal(json_string_value(value), "first");
    json_decref(result);
    buf_clear(&body);
    model_set_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_is_used),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
