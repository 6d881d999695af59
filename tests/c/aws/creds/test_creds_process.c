/* credential_process: a real program that runs beside the loop. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "aws/creds/creds_chain.h"
#include "base/mem.h"
#include "support/creds_case.h"

#define KEYS                                                                                       \
    "{\"Version\": 1, \"AccessKeyId\": \"AKIDPROC\", \"SecretAccessKey\": \"" SECRET "\", "        \
    "\"SessionToken\": \"token-" SECRET "\", \"Expiration\": \"2026-11-23T11:00:00Z\"}"

/* A chain whose default profile runs the command. */
static struct creds_provider *chain_of(const char *command)
{
    char *text = mem_printf("[default]\ncredential_process = %s\n", command);
    case_setenv("AWS_CONFIG_FILE", case_file("config", text));
    mem_free(text);
    return creds_chain(&case_env);
}

static void run(const char *command, struct outcome *outcome)
{
    struct creds_provider *chain = chain_of(command);
    case_ask(chain, outcome);
    case_run_for_real();
    creds_provider_drop(chain);
}

static void expect_failure(const char *command, const char *part)
{
    struct outcome outcome = {0};
    run(command, &outcome);
    case_failure(&outcome, part);
}

static void test_keys(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    run("echo '" KEYS "'; echo \"it's # fine\" >&2", &outcome);
    assert_string_equal(outcome.creds->key.secret_key, SECRET);
    assert_string_equal(outcome.creds->key.session_token, "token-" SECRET);
    assert_int_equal(outcome.creds->expires_ms, CASE_NOW + 60 * MINUTE);
    case_keys(&outcome, "AKIDPROC");
    run("echo '{\"Version\": 1, \"AccessKeyId\": \"A\", \"SecretAccessKey\": \"" SECRET "\"}'",
        &outcome);
    assert_null(outcome.creds->key.session_token);
    assert_int_equal(outcome.creds->expires_ms, 0);
    case_keys(&outcome, "A");
}

/* A program with spaces in its path and in its arguments. */
static void test_program(void **state)
{
    (void)state;
    char command[300];
    struct outcome outcome = {0};
    const char *path =
        case_file("a program", "#!/bin/sh\n[ \"$2\" = 'x y' ] && cat <<X\n" KEYS "\nX\n");
    snprintf(command, sizeof command, "/bin/sh \"%s\" one 'x y'", path);
    run(command, &outcome);
    case_keys(&outcome, "AKIDPROC");
}

/* The loop continues meanwhile, and stdout may be closed before the program ends. */
static void count(void *arg)
{
    int *ticks = arg;
    if (++*ticks < 20)
        loop_after(case_env.loop, 5, count, ticks);
}

static void test_loop_goes_on(void **state)
{
    (void)state;
    int ticks = 0;
    struct outcome outcome = {0};
    loop_after(case_env.loop, 5, count, &ticks);
    run("sleep 0.05; echo '" KEYS "'; exec >&-; sleep 0.1", &outcome);
    assert_int_equal(ticks, 20);
    case_keys(&outcome, "AKIDPROC");
}

static void test_failures(void **state)
{
    (void)state;
    expect_failure("echo " SECRET "; printf 'log in\\n\\033[1mfirst\\n' >&2; exit 3",
                   "profile 'default': credential_process: ended with status 3: log in  [1mfirst");
    expect_failure("/nonexistent/program", "no such program, or it could not be started");
    expect_failure("kill -9 $$", "was ended by signal 9");
    expect_failure("true", "printed no JSON object");
    expect_failure("echo " SECRET, "printed no JSON object");
    expect_failure("echo '[]'", "printed no JSON object");
    expect_failure("echo '{\"Version\": 2, \"AccessKeyId\": \"" SECRET "\"}'",
                   "printed JSON without \"Version\": 1");
    expect_failure("echo '{\"Version\": 1, \"AccessKeyId\": \"A\"}'",
                   "returned no JSON object with AccessKeyId and SecretAccessKey");
    expect_failure("echo '" KEYS "'; exit 1", "ended with status 1");
}

static void test_too_much(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    expect_failure("yes " SECRET, "printed more than 65536 bytes");
    run("yes too much | head -c 200000 >&2; echo '" KEYS "'", &outcome);
    case_keys(&outcome, "AKIDPROC");
    expect_failure("yes hint | head -c 200000 >&2; exit 1", "ended with status 1: hint hint");
}

/* Has it been killed, and does it wait for init to reap it? proc(5): the state follows the name in
 * brackets. */
static bool is_zombie(int pid)
{
    char path[40], state = '\0';
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return true;
    if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
        state = '\0';
    fclose(file);
    return state == 'Z';
}

static bool is_alive(const char *path)
{
    FILE *file = fopen(path, "r");
    int pid = 0;
    if (file == NULL)
        return false;
    if (fscanf(file, "%d", &pid) != 1)
        pid = 0;
    fclose(file);
    return pid > 1 && kill(pid, 0) == 0 && !is_zombie(pid);
}

/* Waits for a moment, because a signal needs some time. */
static void expect_end(const char *path)
{
    for (int i = 0; i < 200 && is_alive(path); i++)
        usleep(10000);
    assert_false(is_alive(path));
}

/* A program with two processes that would run for a minute. */
static struct creds_provider *start_long(const char *path, struct outcome *outcome)
{
    char command[300];
    snprintf(command, sizeof command, "sleep 60 & echo $! > '%s'; wait", path);
    struct creds_provider *chain = chain_of(command);
    case_ask(chain, outcome);
    for (int i = 0; i < 500 && !is_alive(path); i++)
        usleep(10000);
    assert_true(is_alive(path));
    return chain;
}

static void test_late(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    const char *path = case_file("pid", "");
    struct creds_provider *chain = start_long(path, &outcome);
    case_run(); /* a minute passes at once */
    case_failure(&outcome, "did not answer within 60 seconds");
    expect_end(path);
    creds_provider_drop(chain);
}

static void test_cancel(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    const char *path = case_file("pid", "");
    struct creds_provider *chain = start_long(path, &outcome);
    creds_provider_drop(chain);
    creds_cancel(outcome.waiter);
    expect_end(path);
    assert_int_equal(outcome.calls, 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, case_setup, case_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_keys),     CASE(test_program), CASE(test_loop_goes_on), CASE(test_failures),
        CASE(test_too_much), CASE(test_late),    CASE(test_cancel),
    };
    mem_install();
    return cmocka_run_group_tests_name("creds_process", tests, NULL, NULL);
}
