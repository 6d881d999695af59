/* The response about several resources, divided into what each would have received alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aws/client/gathered_parts.h"
#include "base/mem.h"
#include "value/json.h"

static json_t *ids;

static int set_up(void **state)
{
    (void)state;
    ids = json_pack("{s:b, s:b}", "a", 1, "b", 1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    json_decref(ids);
    return 0;
}

/* expected NULL: the answer cannot be divided. */
static void divides(const char *list, const char *answer, const char *expected)
{
    json_t *whole = json_loads(answer, 0, NULL);
    assert_non_null(whole);
    json_t *before = json_deep_copy(whole);
    json_t *parts = gathered_parts(whole, list, ids);
    char *found = parts != NULL ? json_text_canonical(parts) : NULL;
    json_t *wanted = expected != NULL ? json_loads(expected, 0, NULL) : NULL;
    char *text = wanted != NULL ? json_text_canonical(wanted) : NULL;
    assert_true(json_equal(whole, before));
    if (expected == NULL)
        assert_null(found);
    else
        assert_string_equal(found, text);
    mem_free(text);
    mem_free(found);
    json_decref(wanted);
    json_decref(parts);
    json_decref(before);
    json_decref(whole);
}

/* EC2: DescribeSecurityGroups. */
static void test_items(void **state)
{
    (void)state;
    divides("GroupIds",
            "{\"SecurityGroups\":[{\"GroupId\":\"b\",\"n\":2},{\"GroupId\":\"a\",\"n\":1}]}",
            "{\"a\":{\"SecurityGroups\":[{\"GroupId\":\"a\",\"n\":1}]},"
            "\"b\":{\"SecurityGroups\":[{\"GroupId\":\"b\",\"n\":2}]}}");
}

/* EC2: DescribeInstances has its instances in reservations, which may hold several. */
static void test_items_in_items(void **state)
{
    (void)state;
    divides(
        "InstanceIds",
        "{\"Reservations\":[{\"OwnerId\":\"1\",\"Groups\":[],\"Instances\":["
        "{\"InstanceId\":\"a\"},{\"InstanceId\":\"b\"}]}]}",
        "{\"a\":{\"Reservations\":[{\"OwnerId\":\"1\",\"Instances\":[{\"InstanceId\":\"a\"}]}]},"
        "\"b\":{\"Reservations\":[{\"OwnerId\":\"1\",\"Instances\":[{\"InstanceId\":\"b\"}]}]}}");
}

/* What an item says about others, even under the same name, stays in that item. */
static void test_items_stay_whole(void **state)
{
    (void)state;
    divides("GroupIds",
            "{\"SecurityGroups\":[{\"GroupId\":\"a\",\"Rules\":[{\"GroupId\":\"b\"},"
            "{\"GroupId\":\"x\"}]},{\"GroupId\":\"b\"}]}",
            "{\"a\":{\"SecurityGroups\":[{\"GroupId\":\"a\",\"Rules\":[{\"GroupId\":\"b\"},"
            "{\"GroupId\":\"x\"}]}]},\"b\":{\"SecurityGroups\":[{\"GroupId\":\"b\"}]}}");
}

/* ECS: the ids are ARNs, and missing ones are in a list of their own. */
static void test_failures(void **state)
{
    (void)state;
    divides("services",
            "{\"services\":[{\"serviceArn\":\"a\"}],\"failures\":[{\"arn\":\"b\",\"reason\":"
            "\"MISSING\"}]}",
            "{\"a\":{\"services\":[{\"serviceArn\":\"a\"}],\"failures\":[]},"
            "\"b\":{\"services\":[],\"failures\":[{\"arn\":\"b\",\"reason\":\"MISSING\"}]}}");
}

/* Only its own response can say that it does not exist. */
static void test_nothing_about_one(void **state)
{
    (void)state;
    divides("GroupIds", "{\"SecurityGroups\":[{\"GroupId\":\"a\"}],\"Note\":\"n\"}",
            "{\"a\":{\"SecurityGroups\":[{\"GroupId\":\"a\"}],\"Note\":\"n\"}}");
    divides("GroupIds", "{\"SecurityGroups\":[]}", "{}");
}

/* ECS is called with names and returns ARNs; the ARNs of old services lack the cluster. */
static void test_names_in_arns(void **state)
{
    (void)state;
    divides("services",
            "{\"services\":[{\"serviceArn\":\"arn:aws:ecs:r:1:service/shop/a\"}],"
            "\"failures\":[{\"arn\":\"arn:aws:ecs:r:1:service/b\"}]}",
            "{\"a\":{\"services\":[{\"serviceArn\":\"arn:aws:ecs:r:1:service/shop/a\"}],"
            "\"failures\":[]},\"b\":{\"services\":[],\"failures\":[{\"arn\":"
            "\"arn:aws:ecs:r:1:service/b\"}]}}");
}

/* The owner of each part must be certain: otherwise the state of another resource would be audited.
 * */
static void test_doubtful_answers(void **state)
{
    (void)state;
    divides("GroupIds", "{\"SecurityGroups\":[{\"GroupId\":\"a\"},{\"GroupId\":\"c\"}]}", NULL);
    divides("GroupIds", "{\"SecurityGroups\":[{\"GroupId\":\"a\"},{\"GroupId\":\"A\"}]}", NULL);
    divides("GroupIds", "{\"SecurityGroups\":[{\"GroupId\":\"a\"},{\"Name\":\"b\"}]}", NULL);
    divides("GroupIds", "{\"SecurityGroups\":[{\"GroupId\":\"a\"},{\"In\":[{}]}]}", NULL);
    divides("GroupIds", "{\"Names\":[\"a\",\"b\"]}", NULL);
    divides("GroupIds", "{}", NULL);
    divides("GroupIds", "{\"Result\":{\"SecurityGroups\":[{\"GroupId\":\"a\"}]}}", NULL);
    divides("GroupIds", "{\"SecurityGroups\":[],\"IsTruncated\":true}", NULL);
    divides("GroupIds", "{\"SecurityGroups\":[],\"NextPageToken\":\"t\"}", NULL);
    /* an item without its id, with a rule about another group */
    divides("GroupIds",
            "{\"SecurityGroups\":[{\"IpPermissions\":[{\"UserIdGroupPairs\":"
            "[{\"GroupId\":\"b\"}]}]},{\"GroupId\":\"b\"}]}",
            NULL);
    divides("GroupIds", "{\"SecurityGroups\":[{\"GroupId\":\"a\"}],\"NextToken\":\"t\"}", NULL);
    divides("GroupIds", "{\"SecurityGroups\":[{\"GroupId\":\"a\"}],\"Marker\":\"t\"}", NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_items),           TEST(test_items_in_items),    TEST(test_items_stay_whole),
        TEST(test_failures),        TEST(test_nothing_about_one), TEST(test_names_in_arns),
        TEST(test_doubtful_answers)};
    mem_install();
    return cmocka_run_group_tests_name("gathered parts", tests, NULL, NULL);
}
