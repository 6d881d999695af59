/* Log lines as JSON objects, for programs that read the log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "value/json.h"
#include "value/log_json.h"

static int64_t at_noon(void)
{
    return 1700000000000;
}

/* What `write` writes to stderr. mem_free. */
static char *stderr_of(void (*write)(void))
{
    char text[4096];
    FILE *file = tmpfile();
    int saved = dup(STDERR_FILENO);
    fflush(stderr);
    dup2(fileno(file), STDERR_FILENO);
    write();
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    close(saved);
    rewind(file);
    size_t length = fread(text, 1, sizeof text - 1, file);
    text[length] = '\0';
    fclose(file);
    return mem_strdup(text);
}

static int set_up(void **state)
{
    (void)state;
    clock_replace(at_noon, NULL);
    log_set_level(LOG_WARN);
    log_json_start("scan");
    log_json_request(NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    log_set_sink(NULL);
    clock_replace(NULL, NULL);
    log_json_keep("");
    return 0;
}

static void write_several(void)
{
    const struct log_subject subject = {"111122223333", "us-east-1", "sqs", "q\n\"1\""};
    log_warn("%s", "a \"quoted\" word");
    log_info("not at this level");
    log_note("journal: %s", "j");
    log_json_request("id-1");
    log_about(LOG_ERROR, &subject, "no");
    log_about(LOG_DEBUG, &subject, "not at this level");
    log_error("about nothing");
}

static void writes_one_object_a_line(void **state)
{
    static const char expected[] =
        "{\"timestamp\":\"2023-11-14T22:13:20Z\",\"level\":\"WARN\","
        "\"message\":\"a \\\"quoted\\\" word\",\"command\":\"scan\"}\n"
        "{\"timestamp\":\"2023-11-14T22:13:20Z\",\"level\":\"INFO\",\"message\":\"journal: j\","
        "\"command\":\"scan\"}\n"
        "{\"timestamp\":\"2023-11-14T22:13:20Z\",\"level\":\"ERROR\",\"message\":\"no\","
        "\"requestId\":\"id-1\",\"command\":\"scan\",\"account\":\"111122223333\","
        "\"region\":\"us-east-1\",\"type\":\"sqs\",\"resource\":\"q\\n\\\"1\\\"\"}\n"
        "{\"timestamp\":\"2023-11-14T22:13:20Z\",\"level\":\"ERROR\","
        "\"message\":\"about nothing\",\"requestId\":\"id-1\",\"command\":\"scan\"}\n";
    (void)state;
    char *text = stderr_of(write_several);
    assert_string_equal(text, expected);
    mem_free(text);
}

static void marks_only_where_lambda_filters(void **state)
{
    (void)state;
    json_t *line = json_object();
    log_json_mark(line);
    assert_int_equal(json_object_size(line), 0);
    log_json_keep("WARN");
    log_json_mark(line);
    assert_string_equal(json_get_string(line, "level", ""), "WARN");
    assert_string_equal(json_get_string(line, "timestamp", ""), "2023-11-14T22:13:20Z");
    json_decref(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(writes_one_object_a_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(marks_only_where_lambda_filters, set_up, tear_down),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
