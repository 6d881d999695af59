/* The prompt of `engine repl` on a terminal: what Tab offers, and what it does not call. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bindings/script/script.h"
#include "support/host_world.h"
#include "support/typing.h"

#define SET_UP                                                                                     \
    "t = setmetatable({ list = {}, load = print, ['a b'] = 1 }, { __index = function() error() "   \
    "end })\r"                                                                                     \
    "eu = aws:in_region('eu-west-1')\r"                                                            \
    "q = aws.sqs\r"                                                                                \
    "s = 'text'\r"

static char *screen;

static int set_up(void **state)
{
    (void)state;
    world_open(&world, NULL);
    world.session.permit = PERMIT_OPERATOR;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(screen);
    screen = NULL;
    world_close(&world);
    return 0;
}

static void types(const char *keys)
{
    char *argv[] = {NULL};
    struct err err = {0};
    const struct script_parts parts = {.loop = world.loop,
                                       .client = world.client,
                                       .provider = world.provider,
                                       .operator_session = &world.session,
                                       .region = "eu-west-1"};
    typing_begin(keys, 400);
    int status = script_run(&parts, NULL, 0, argv, &err);
    screen = typing_end();
    assert_int_equal(status, 0);
}

/* Types a start, Tab, Ctrl-A, and a name before it: the prompt prints the completed text. */
static void completes(const char *start, const char *expected)
{
    char keys[1024], wanted[256];
    snprintf(keys, sizeof keys, "%s%s\t]==]\x01return [==[\r\x04", SET_UP, start);
    snprintf(wanted, sizeof wanted, "\n\033[?2004l%s\n", expected);
    types(keys);
    if (strstr(screen, wanted) == NULL)
        fail_msg("%s: not %s: %s", start, expected, screen);
    assert_int_equal(json_array_size(world.requests), 0);
    free(screen);
    screen = NULL;
}

static void test_names(void **state)
{
    (void)state;
    completes("sig", "sigv4");
    completes("unti", "until");
    completes("x = string.rev", "x = string.reverse");
    completes("json.enc", "json.encode");
    completes("sqs.s", "sqs.send");
    completes("t.li", "t.list");
    completes("t:lo", "t:load");
    completes("s:rev", "s:reverse");
    completes("print(aws.sq", "print(aws.sqs");
    completes("aws:in_a", "aws:in_account");
    completes("eu.sts:Get", "eu.sts:GetCallerIdentity");
    completes("q:GetQ", "q:GetQueueAttributes");
    completes("aws.sqs:pag", "aws.sqs:pages");
    completes("aws.sqs:try('GetQ", "aws.sqs:try('GetQueueAttributes");
    completes("aws.sqs:SendMessage{ Del", "aws.sqs:SendMessage{ DelaySeconds");
    completes("aws.sqs:SendMessage({ QueueUrl = f{1}, Del",
              "aws.sqs:SendMessage({ QueueUrl = f{1}, DelaySeconds");
}

static void test_nothing_fits(void **state)
{
    (void)state;
    static const char *const starts[] = {
        "t:li", "t.nothing.x", "aws.sqs.Get", "aws.nosuchservice:Get", "f().x",
        "1.5e", "zzz",         "t.a",         "aws.sqs:get('x",        "aws.sqs:Nothing{ Qu",
    };
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        completes(starts[i], starts[i]);
}

static void test_choices_are_shown(void **state)
{
    (void)state;
    types("aws.sqs:Delete\t\x03\x04");
    assert_non_null(strstr(screen, "DeleteMessage  DeleteQueue\n"));
}

static void test_a_statement_of_several_lines(void **state)
{
    (void)state;
    types("for i = 1, 2 do\rprint('n' .. i)\rend\rif true then\r\x03print('no' .. 1)\r"
          "if\r\x04print('after')\r\x04");
    assert_non_null(strstr(screen, "n1\nn2\n"));
    assert_non_null(strstr(screen, "no1\n"));
    assert_non_null(strstr(screen, "after\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_names, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nothing_fits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_choices_are_shown, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_statement_of_several_lines, set_up, tear_down),
    };
    setenv("TERM", "xterm", 1);
    setenv("ENGINE_HISTORY", "", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
