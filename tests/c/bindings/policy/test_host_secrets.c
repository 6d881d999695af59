/* What a policy sees of responses that contain secrets, and that it cannot write back what it did
 * not see. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/host_world.h"
#include "value/json.h"

static int set_up(void **state)
{
    (void)state;
    world_open(&world, NULL);
    world_reply(&world, "DescribeVault", 200,
                "{\"Label\":\"l\",\"Password\":\"hush\",\"Variables\":{\"A\":\"hush\"},\"Pairs\":[{"
                "\"Name\":\"n\",\"Value\":\"hush\"}],\"Box\":{\"Label\":\"hush\"}}");
    return 0;
}

/* permissions besides read, and the fix. New reference: the only check of the outcome. */
static json_t *audit(const char *sensitive, const char *fix)
{
    static const char form[] =
        "return policy { type = 'vault', title = 'Vault', permissions = {\n"
        "read = { ['sqs:DescribeVault'] = { reviewed = 'a test' } }, %s\n"
        "write = { 'sqs:SetQueueAttributes' } },\n"
        "fetch = function(resource)\n"
        "  return resource.aws.sqs:DescribeVault { QueueUrl = 'u' }\n"
        "end,\n"
        "checks = { { id = 'vault.a', title = 'A', severity = 'low',\n"
        "audit = function(_, state) return false, 'seen', { seen = state } end, %s } } }";
    struct audit_options options = {.want_fixes = true};
    char *text = mem_printf(form, sensitive, fix);
    json_t *outcome = world_audit(&world, world_load(&world, "vault", text), &options);
    json_t *check = json_incref(json_array_get(json_object_get(outcome, "checks"), 0));
    if (check == NULL)
        fail_msg("%s", json_get_string(outcome, "failed", "no check"));
    json_decref(outcome);
    mem_free(text);
    return check;
}

static void assert_seen(const char *sensitive, const char *expected)
{
    json_t *check = audit(sensitive, "");
    char *seen = json_text_canonical(json_object_get(json_object_get(check, "evidence"), "seen"));
    assert_string_equal(seen, expected);
    mem_free(seen);
    json_decref(check);
}

static void sees_no_secrets(void **state)
{
    (void)state;
    assert_seen("", "{\"Box\":{\"Label\":\"REDACTED\"},\"Label\":\"l\",\"Pairs\":[{\"Name\":\"n\","
                    "\"Value\":\"REDACTED\"}],\"Password\":\"REDACTED\",\"Variables\":{\"A\":"
                    "\"REDACTED\"}}");
}

static void sees_what_it_declares(void **state)
{
    (void)state;
    assert_seen(
        "sensitive = { ['sqs:DescribeVault.Box'] = 'why', 'sqs:DescribeVault.Pairs.Value' },",
        "{\"Box\":{\"Label\":\"hush\"},\"Label\":\"l\",\"Pairs\":[{\"Name\":\"n\","
        "\"Value\":\"hush\"}],\"Password\":\"REDACTED\",\"Variables\":{\"A\":"
        "\"REDACTED\"}}");
}

static void assert_fix_fails(const char *fix)
{
    json_t *check = audit("", fix);
    const char *message = json_get_string(json_object_get(check, "error"), "message", "");
    assert_string_equal(json_get_string(check, "fix", ""), "failed");
    assert_non_null(strstr(message, "holds a redacted value; name its member in "
                                    "permissions.sensitive"));
    json_decref(check);
}

static void does_not_write_back_redacted_values(void **state)
{
    (void)state;
    assert_fix_fails("fix = function(_, state) return { { call = 'sqs:SetQueueAttributes',\n"
                     "with = { QueueUrl = 'u', Attributes = { P = state.Password } },\n"
                     "irreversible = 'it is' } } end");
}

static void does_not_undo_with_redacted_values(void **state)
{
    (void)state;
    assert_fix_fails("fix = function(_, state) return { { call = 'sqs:SetQueueAttributes',\n"
                     "with = { QueueUrl = 'u', Attributes = { P = 'x' } },\n"
                     "undo = { call = 'sqs:SetQueueAttributes', with = { QueueUrl = 'u',\n"
                     "Attributes = state.Variables } } } } end");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, world_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(sees_no_secrets),
        TEST(sees_what_it_declares),
        TEST(does_not_write_back_redacted_values),
        TEST(does_not_undo_with_redacted_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
