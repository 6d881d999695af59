/* When tags are read: they may need a call, so they are read only if they decide whether a rule
 * applies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "exceptions/exceptions.h"

#define NOW "2026-11-23T10:00:00Z"

static const struct policy bucket = {.type = "s3_bucket"};

static const char *no_variable(const char *name)
{
    (void)name;
    return NULL;
}

static struct exceptions *load(const char *rule, const char *expires)
{
    char path[] = "/tmp/exceptions-XXXXXX", text[512];
    struct settings settings = {.exceptions = path};
    struct err err = {0};
    int64_t now_ms = 0;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    snprintf(text, sizeof text, "{\"rules\":[{%s,\"reason\":\"r\",\"expires\":\"%s\"}]}", rule,
             expires);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    assert_int_equal(clock_parse_rfc3339(NOW, &now_ms), 0);
    struct exceptions *loaded = exceptions_load(&settings, NULL, NULL, no_variable, now_ms, &err);
    unlink(path);
    assert_string_equal(err.message, "");
    return loaded;
}

static void asks(const char *rule, const char *expires, enum audit_tags want)
{
    struct exceptions *loaded = load(rule, expires);
    struct resource *resource = resource_new("111122223333", "us-east-1", "s3_bucket", "b");
    assert_int_equal(exceptions_ask_tags(loaded, &bucket, resource), want);
    resource_free(resource);
    exceptions_free(loaded);
}

static void test_rules(void **state)
{
    static const char later[] = "2027-01-01";
    (void)state;
    asks("\"tag\":{\"k\":\"v\"}", later, AUDIT_TAGS_OF_FAILING);
    asks("\"type\":\"s3_bucket\",\"tag\":{\"k\":\"v\"}", later, AUDIT_TAGS_OF_FAILING);
    asks("\"tag\":{\"k\":\"v\"}", "2026-11-22", AUDIT_NO_TAGS);
    asks("\"id\":\"x\"", later, AUDIT_NO_TAGS);
    asks("\"type\":\"sqs\",\"tag\":{\"k\":\"v\"}", later, AUDIT_NO_TAGS);
    asks("\"account\":\"444455556666\",\"tag\":{\"k\":\"v\"}", later, AUDIT_NO_TAGS);
}

static void test_no_rules(void **state)
{
    (void)state;
    assert_int_equal(exceptions_ask_tags(NULL, &bucket, NULL), AUDIT_NO_TAGS);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_rules),
                                              cmocka_unit_test(test_no_rules)};
    mem_install();
    return cmocka_run_group_tests_name("exceptions tags", tests, NULL, NULL);
}
