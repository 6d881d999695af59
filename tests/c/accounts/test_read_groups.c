/* How the reads of types are divided into session policies: as few as fit, the same every time,
 * without wildcards and repetitions, and smaller ones after STS refused one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "accounts/read_groups.h"
#include "base/mem.h"
#include "value/json.h"

static struct read_groups *groups;

static int set_up(void **state)
{
    (void)state;
    groups = read_groups_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    read_groups_free(groups);
    return 0;
}

static void add(const char *name, const char *text)
{
    struct err err = {0};
    json_t *actions = json_parse(text, strlen(text), &err);
    assert_non_null(actions);
    read_groups_add(groups, name, actions);
    json_decref(actions);
}

/* A member with this number of actions of its own, each of 40 characters, and a shared one. */
static void add_many(const char *name, int count)
{
    json_t *actions = json_pack("[s]", "ec2:DescribeInstances");
    for (int i = 0; i < count; i++) {
        char action[64];
        snprintf(action, sizeof action, "%.2s:%037d", name, i);
        json_array_append_new(actions, json_string(action));
    }
    read_groups_add(groups, name, actions);
    json_decref(actions);
}

static json_t *actions_of(const char *name)
{
    struct err err = {0};
    const char *policy = read_groups_policy(groups, name);
    assert_non_null(policy);
    json_t *document = json_parse(policy, strlen(policy), &err);
    const json_t *statement = json_array_get(json_object_get(document, "Statement"), 0);
    json_t *actions = json_incref(json_object_get(statement, "Action"));
    json_decref(document);
    return actions;
}

static bool allows(const char *name, const char *action)
{
    size_t i, count = 0;
    json_t *one;
    json_t *actions = actions_of(name);
    json_array_foreach (actions, i, one)
        count += strcmp(json_string_value(one), action) == 0;
    json_decref(actions);
    assert_true(count < 2);
    return count == 1;
}

static bool is_shared(const char *left, const char *right)
{
    return read_groups_policy(groups, left) == read_groups_policy(groups, right);
}

static void test_types_share_a_policy(void **state)
{
    (void)state;
    add("sqs", "[\"sqs:ListQueues\", \"sqs:GetQueueAttributes\"]");
    add("ec2", "[\"ec2:DescribeInstances\"]");
    add("elb", "[\"ec2:DescribeInstances\", \"elasticloadbalancing:DescribeTags\"]");
    add("ec2", "[\"ec2:DescribeImages\"]");
    read_groups_pack(groups);
    assert_int_equal(read_groups_count(groups), 1);
    assert_string_equal(read_groups_policy(groups, "sqs"),
                        "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\","
                        "\"Action\":[\"sqs:ListQueues\",\"sqs:GetQueueAttributes\","
                        "\"ec2:DescribeInstances\",\"elasticloadbalancing:DescribeTags\"],"
                        "\"Resource\":\"*\"}]}");
    assert_true(is_shared("sqs", "ec2"));
    assert_true(is_shared("sqs", "elb"));
    assert_null(read_groups_policy(groups, "s3_bucket"));
}

static void test_nothing_to_read(void **state)
{
    (void)state;
    read_groups_pack(groups);
    assert_int_equal(read_groups_count(groups), 0);
    assert_null(read_groups_policy(groups, "sqs"));
}

/* 4,300 characters of actions: no fewer than three policies hold them, and none need be full. */
static void test_fewest_and_short(void **state)
{
    (void)state;
    static const char *const names[] = {"aa", "bb", "cc", "dd", "ee", "ff", "gg", "hh", "ii", "jj"};
    for (size_t i = 0; i < 10; i++)
        add_many(names[i], 10);
    read_groups_pack(groups);
    assert_int_equal(read_groups_count(groups), 3);
    for (size_t i = 0; i < 10; i++) {
        char action[64];
        snprintf(action, sizeof action, "%.2s:%037d", names[i], 9);
        assert_true(allows(names[i], action));
        assert_true(allows(names[i], "ec2:DescribeInstances"));
        assert_in_range(strlen(read_groups_policy(groups, names[i])), 800, 1850);
    }
}

/* Whatever order the types come in. */
static void test_same_groups_every_time(void **state)
{
    (void)state;
    static const char *const names[] = {"aa", "bb", "cc", "dd", "ee", "ff"};
    char *policies[6];
    for (size_t i = 0; i < 6; i++)
        add_many(names[i], 9 + (int)i % 2);
    read_groups_pack(groups);
    for (size_t i = 0; i < 6; i++)
        policies[i] = mem_strdup(read_groups_policy(groups, names[i]));
    read_groups_free(groups);
    groups = read_groups_new();
    for (size_t i = 6; i-- > 0;)
        add_many(names[i], 9 + (int)i % 2);
    read_groups_pack(groups);
    for (size_t i = 0; i < 6; i++) {
        const char *again = read_groups_policy(groups, names[i]);
        assert_int_equal(strlen(again), strlen(policies[i]));
        for (size_t j = 0; j < 6; j++)
            assert_int_equal(strcmp(policies[i], policies[j]) == 0, is_shared(names[i], names[j]));
    }
    for (size_t i = 0; i < 6; i++)
        mem_free(policies[i]);
}

/* A policy of exactly the limit is one; one more character needs a second. */
static void test_limit(void **state)
{
    (void)state;
    for (int more = 0; more < 2; more++) {
        tear_down(NULL);
        set_up(NULL);
        add_many("aa", 20);
        add_many("bb", 20);
        read_groups_pack(groups);
        assert_int_equal(read_groups_count(groups), 1);
        size_t left = SESSION_POLICY_MOST - strlen(read_groups_policy(groups, "aa")) - 3;
        char *action = mem_printf("[\"c:%0*d\"]", (int)left - 2 + more, 0);
        tear_down(NULL);
        set_up(NULL);
        add_many("aa", 20);
        add_many("bb", 20);
        add("cc", action);
        mem_free(action);
        read_groups_pack(groups);
        assert_int_equal(read_groups_count(groups), 1 + more);
        if (more == 0)
            assert_int_equal(strlen(read_groups_policy(groups, "aa")), SESSION_POLICY_MOST);
    }
}

static void test_type_that_is_too_large_is_alone(void **state)
{
    (void)state;
    add_many("aa", 60);
    add_many("bb", 2);
    add_many("cc", 2);
    read_groups_pack(groups);
    assert_int_equal(read_groups_count(groups), 2);
    assert_true(strlen(read_groups_policy(groups, "aa")) > SESSION_POLICY_MOST);
    assert_true(is_shared("bb", "cc"));
    assert_false(is_shared("aa", "bb"));
}

/* Each refusal divides one group, down to one type each. */
static void test_narrow(void **state)
{
    (void)state;
    static const char *const names[] = {"aa", "bb", "cc", "dd"};
    for (size_t i = 0; i < 4; i++)
        add_many(names[i], 5);
    read_groups_pack(groups);
    assert_int_equal(read_groups_count(groups), 1);
    char *refused = mem_strdup(read_groups_policy(groups, "aa"));
    assert_false(read_groups_narrowed(groups));
    assert_true(read_groups_narrow(groups, "aa", refused));
    assert_true(read_groups_narrowed(groups));
    assert_int_equal(read_groups_count(groups), 2);
    assert_true(strlen(read_groups_policy(groups, "aa")) < strlen(refused) * 2 / 3);
    assert_true(read_groups_narrow(groups, "dd", refused)); /* another account's request */
    assert_int_equal(read_groups_count(groups), 2);
    mem_free(refused);
    for (size_t i = 0; i < 4; i++) {
        for (int n = 0; n < 2; n++) {
            refused = mem_strdup(read_groups_policy(groups, names[i]));
            bool helped = read_groups_narrow(groups, names[i], refused);
            assert_int_equal(helped, strcmp(refused, read_groups_policy(groups, names[i])) != 0);
            mem_free(refused);
        }
    }
    assert_int_equal(read_groups_count(groups), 4);
    for (size_t i = 0; i < 4; i++)
        assert_true(allows(names[i], "ec2:DescribeInstances"));
}

/* One type reads all that the others read: they leave it. */
static void test_narrow_around_one_type(void **state)
{
    (void)state;
    add("all", "[\"a:A\", \"a:B\", \"a:C\"]");
    add("a", "[\"a:A\"]");
    add("b", "[\"a:B\"]");
    read_groups_pack(groups);
    char *refused = mem_strdup(read_groups_policy(groups, "all"));
    assert_true(read_groups_narrow(groups, "b", refused));
    assert_true(is_shared("a", "b"));
    assert_false(allows("b", "a:C"));
    assert_string_equal(read_groups_policy(groups, "all"), refused);
    assert_false(read_groups_narrow(groups, "all", refused));
    mem_free(refused);
}

/* Types that read the same cannot get a smaller policy. */
static void test_narrow_equal_types(void **state)
{
    (void)state;
    static const char *const names[] = {"a", "b", "c"};
    for (size_t i = 0; i < 3; i++)
        add(names[i], "[\"a:A\"]");
    read_groups_pack(groups);
    char *refused = mem_strdup(read_groups_policy(groups, "a"));
    assert_true(read_groups_narrow(groups, "a", refused));
    for (size_t i = 0; i < 3; i++)
        assert_false(read_groups_narrow(groups, names[i], refused));
    mem_free(refused);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {CASE(test_types_share_a_policy),
                                       CASE(test_nothing_to_read),
                                       CASE(test_fewest_and_short),
                                       CASE(test_same_groups_every_time),
                                       CASE(test_limit),
                                       CASE(test_type_that_is_too_large_is_alone),
                                       CASE(test_narrow),
                                       CASE(test_narrow_around_one_type),
                                       CASE(test_narrow_equal_types)};
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
