/* What is exempt: rules of the file and of the older variables, and which rules are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "exceptions/exceptions.h"
#include "value/json.h"

#define NOW "2026-11-23T10:00:00Z"
#define SAYS "\"reason\":\"agreed\",\"expires\":\"2027-01-01\""

static const char *const *variables;
static struct evaluator *language; /* NULL, except where Lua files are read */
static struct exceptions *loaded;
static struct err err;
static struct policy bucket, role;
static json_t *tags;
static struct buf logged;

static const char *fake_getenv(const char *name)
{
    for (const char *const *at = variables; at != NULL && *at != NULL; at += 2) {
        if (strcmp(at[0], name) == 0)
            return at[1];
    }
    return NULL;
}

static void keep_log(enum log_level level, const char *line)
{
    (void)level;
    buf_addf(&logged, "%s\n", line);
}

static int set_up(void **state)
{
    (void)state;
    bucket =
        (struct policy){.type = "s3_bucket", .meta = json_loads("{\"aliases\":[\"s3\"]}", 0, NULL)};
    role = (struct policy){.type = "iam_role", .global = true};
    tags = json_loads("{\"team\":\"web-shop\",\"stage\":\"dev\"}", 0, NULL);
    variables = NULL;
    loaded = NULL;
    err_clear(&err);
    buf_init(&logged, 65536);
    log_set_sink(keep_log);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    log_set_sink(NULL);
    exceptions_free(loaded);
    json_decref((json_t *)(uintptr_t)bucket.meta);
    json_decref(tags);
    buf_clear(&logged);
    return 0;
}

static void load(const char *path, const char *now)
{
    int64_t now_ms = 0;
    struct settings settings = {0};
    char *copy = mem_strdup(path);
    settings.exceptions = copy;
    assert_int_equal(clock_parse_rfc3339(now, &now_ms), 0);
    exceptions_free(loaded);
    err_clear(&err);
    loaded = exceptions_load(&settings, NULL, language, fake_getenv, now_ms, &err);
    mem_free(copy);
}

static void load_text_at(const char *text, const char *now)
{
    char path[] = "/tmp/exceptions-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    load(path, now);
    unlink(path);
}

static void load_text(const char *text)
{
    load_text_at(text, NOW);
}

/* The rule that exempts this resource, or "". */
static const char *keeper(const struct policy *policy, const char *region, const char *id,
                          const char *check)
{
    struct resource *resource = resource_new("111122223333", region, policy->type, id);
    const struct exceptions_subject subject = {
        .policy = policy, .resource = resource, .check = check, .tags = tags};
    const json_t *match = exceptions_match(loaded, &subject);
    resource_free(resource);
    return json_get_string(match, "rule", "");
}

static bool keeps(const char *id, const char *check)
{
    return keeper(&bucket, "us-east-1", id, check)[0] != '\0';
}

static void keeps_by(const char *selector, const char *id, const char *check, bool want)
{
    char text[512];
    snprintf(text, sizeof text, "{\"rules\":[{%s," SAYS "}]}", selector);
    load_text(text);
    assert_string_equal(err.message, "");
    if (keeps(id, check) != want)
        fail_msg("%s: %s", selector, want ? "does not match" : "matches");
}

static void test_fields(void **state)
{
    (void)state;
    keeps_by("\"account\":\"111122223333\"", "b", "s3_bucket.tls", true);
    keeps_by("\"account\":\"111122223334\"", "b", "s3_bucket.tls", false);
    keeps_by("\"account\":[\"1\",\"1111*\"]", "b", "s3_bucket.tls", true);
    keeps_by("\"account\":\"11112222333\"", "b", "s3_bucket.tls", false);
    keeps_by("\"account\":\"1111222233334\"", "b", "s3_bucket.tls", false);
    keeps_by("\"region\":\"us-east-1\"", "b", "s3_bucket.tls", true);
    keeps_by("\"region\":\"us-east-\"", "b", "s3_bucket.tls", false);
    keeps_by("\"region\":\"us-east-1a\"", "b", "s3_bucket.tls", false);
    keeps_by("\"region\":\"us-*\"", "b", "s3_bucket.tls", true);
    keeps_by("\"region\":\"eu-west-1\"", "b", "s3_bucket.tls", false);
    keeps_by("\"type\":\"s3\"", "b", "s3_bucket.tls", true);
    keeps_by("\"type\":\"s3_bucket\"", "b", "s3_bucket.tls", true);
    keeps_by("\"type\":\"s3_buck\"", "b", "s3_bucket.tls", false);
    keeps_by("\"check\":\"s3_bucket.tls\"", "b", "s3_bucket.tls", true);
    keeps_by("\"check\":\"s3_bucket.tls\"", "b", "s3_bucket.sse", false);
    keeps_by("\"type\":\"3_bucket\"", "b", "s3_bucket.tls", false);
    keeps_by("\"check\":\"s3_bucket.tl\"", "b", "s3_bucket.tls", false);
    keeps_by("\"check\":\"tls\"", "b", "s3_bucket.tls", false);
    keeps_by("\"check\":\"*.t?s\"", "b", "s3_bucket.tls", true);
}

static void test_ids_are_whole(void **state)
{
    (void)state;
    keeps_by("\"id\":\"logs\"", "logs", "c", true);
    keeps_by("\"id\":\"logs\"", "my-logs", "c", false);
    keeps_by("\"id\":\"logs\"", "logs-2", "c", false);
    keeps_by("\"id\":\"logs\"", "log", "c", false);
    keeps_by("\"id\":\"logs-*\"", "logs-", "c", true);
    keeps_by("\"id\":\"*-logs\"", "a-logs-logs", "c", true);
    keeps_by("\"id\":\"a*b*c\"", "a-b-b-c", "c", true);
    keeps_by("\"id\":\"a*b*c\"", "a-b-b-", "c", false);
    keeps_by("\"id\":\"l?gs\"", "l\xc3\xb6gs", "c", true);
    keeps_by("\"id\":\"l?gs\"", "loogs", "c", false);
    keeps_by("\"id\":\"[l]ogs\"", "logs", "c", false);
    keeps_by("\"id\":\"LOGS\"", "logs", "c", false);
    keeps_by("\"id\":\"*\"", "anything", "c", true);
}

static void test_tags(void **state)
{
    (void)state;
    keeps_by("\"tag\":{\"team\":\"web-*\"}", "b", "c", true);
    keeps_by("\"tag\":{\"team\":[\"x\",\"web-shop\"],\"stage\":\"dev\"}", "b", "c", true);
    keeps_by("\"tag\":{\"team\":\"web-*\",\"stage\":\"prod\"}", "b", "c", false);
    keeps_by("\"tag\":{\"owner\":\"*\"}", "b", "c", false);
    keeps_by("\"tag\":{\"team\":\"web\"}", "b", "c", false);
    keeps_by("\"tag\":{\"team\":\"web-shops\"}", "b", "c", false);
    keeps_by("\"tag\":{\"tea\":\"*\"}", "b", "c", false);
    keeps_by("\"tag\":{\"Team\":\"web-shop\"}", "b", "c", false);
    json_decref(tags);
    tags = NULL;
    assert_false(keeps("b", "c"));
    keeps_by("\"tag\":{\"team\":\"*\"}", "b", "c", false);
}

static void test_all_fields_must_hold(void **state)
{
    (void)state;
    keeps_by("\"id\":\"b\",\"check\":\"x\"", "b", "c", false);
    keeps_by("\"id\":\"b\",\"check\":\"c\",\"type\":\"sqs\"", "b", "c", false);
    keeps_by("\"id\":\"b\",\"check\":\"c\",\"owner\":\"me\"", "b", "c", true);
}

static void test_what_is_shown(void **state)
{
    (void)state;
    load_text("{\"rules\":[{\"id\":\"x\"," SAYS "},{\"id\":\"b\",\"owner\":\"ops\"," SAYS "},"
              "{\"id\":\"b\"," SAYS "}]}");
    struct resource *resource = resource_new("111122223333", "us-east-1", "s3_bucket", "b");
    const struct exceptions_subject subject = {
        .policy = &bucket, .resource = resource, .check = "c", .tags = NULL};
    const json_t *match = exceptions_match(loaded, &subject);
    resource_free(resource);
    assert_non_null(strstr(json_get_string(match, "rule", ""), ": rules[1]"));
    assert_string_equal(json_get_string(match, "reason", ""), "agreed");
    assert_string_equal(json_get_string(match, "owner", ""), "ops");
    assert_string_equal(json_get_string(match, "expires", ""), "2027-01-01");
}

static void expires(const char *when, const char *now, bool want)
{
    char text[256];
    snprintf(text, sizeof text, "{\"rules\":[{\"id\":\"b\",\"reason\":\"r\",\"expires\":\"%s\"}]}",
             when);
    load_text_at(text, now);
    assert_string_equal(err.message, "");
    assert_int_equal(keeps("b", "c"), want);
}

static void test_expiry(void **state)
{
    (void)state;
    expires("2026-11-23", "2026-11-22T23:59:59Z", true);
    expires("2026-11-23", "2026-11-23T23:59:59Z", true);
    expires("2026-11-23", "2026-11-24T00:00:00Z", false);
    expires("2026-11-23T12:00:00Z", "2026-11-23T11:59:59Z", true);
    expires("2026-11-23T12:00:00Z", "2026-11-23T12:00:00Z", false);
    expires("2026-11-23T12:00:00+02:00", "2026-11-23T10:30:00Z", false);
    expires("1970-01-01T00:00:00Z", NOW, false);
}

static void test_report(void **state)
{
    (void)state;
    load_text("{\"rules\":[{\"id\":\"used\"," SAYS "},{\"id\":\"unused\"," SAYS "},"
              "{\"id\":\"used\",\"reason\":\"old\",\"expires\":\"2020-01-01\"}]}");
    assert_true(keeps("used", "c"));
    exceptions_report(loaded, false);
    assert_null(strstr(buf_text(&logged), "rules[1]"));
    exceptions_report(loaded, true);
    assert_null(strstr(buf_text(&logged), "rules[0]"));
    assert_non_null(strstr(buf_text(&logged), "rules[1] matched no finding"));
    assert_non_null(strstr(buf_text(&logged), "rules[2] expired on 2020-01-01"));
}

static void broken(const char *text, const char *word)
{
    load_text(text);
    assert_true(exceptions_audit_only(loaded));
    assert_int_not_equal(err.kind, ERR_NONE);
    if (strstr(err.message, word) == NULL || strstr(err.message, "/tmp/exceptions-") == NULL)
        fail_msg("'%s' does not name the file and '%s'", err.message, word);
}

static void test_broken_files(void **state)
{
    (void)state;
    broken("{\"rules\":[", "line 1");
    broken("[]", "\"rules\"");
    broken("{\"rules\":{}}", "\"rules\"");
    broken("{\"rules\":[],\"rule\":[]}", "\"rule\"");
    broken("{\"rules\":[7]}", "rules[0]");
    broken("{\"rules\":[{\"id\":\"a\"," SAYS "},{\"acount\":\"1\"," SAYS "}]}",
           "rules[1]: unknown field \"acount\", did you mean \"account\"?");
    broken("{\"rules\":[{\"id\":\"a\",\"expires\":\"2027-01-01\"}]}", "\"reason\" is missing");
    broken("{\"rules\":[{\"id\":\"a\",\"reason\":\"\",\"expires\":\"2027-01-01\"}]}", "\"reason\"");
    broken("{\"rules\":[{\"id\":\"a\",\"reason\":\"r\"}]}", "\"expires\" is missing");
    broken("{\"rules\":[{\"id\":\"a\",\"reason\":\"r\",\"expires\":\"2027-13-01\"}]}",
           "2027-13-01");
    broken("{\"rules\":[{\"id\":\"a\",\"reason\":\"r\",\"expires\":\"soon\"}]}", "'soon'");
    broken("{\"rules\":[{" SAYS "}]}", "everything");
    broken("{\"rules\":[{\"id\":[]," SAYS "}]}", "\"id\"");
    broken("{\"rules\":[{\"id\":[1]," SAYS "}]}", "\"id\"");
    broken("{\"rules\":[{\"id\":\"\"," SAYS "}]}", "\"id\"");
    broken("{\"rules\":[{\"tag\":\"x\"," SAYS "}]}", "\"tag\"");
    broken("{\"rules\":[{\"tag\":{\"a\":1}," SAYS "}]}", "\"a\"");
    broken("{\"rules\":[{\"id\":\"a\",\"id\":\"b\"," SAYS "}]}", "uplicate");
}

static void test_missing_file(void **state)
{
    (void)state;
    load("/nowhere/exceptions.json", NOW);
    assert_true(exceptions_audit_only(loaded));
    assert_non_null(strstr(err.message, "/nowhere/exceptions.json"));
}

static void test_none(void **state)
{
    (void)state;
    load(NULL, NOW);
    assert_false(exceptions_audit_only(loaded));
    assert_false(keeps("b", "c"));
}

#define VARIABLES(...) variables = ((const char *const[]){__VA_ARGS__, NULL})

static void test_ignore_lists(void **state)
{
    (void)state;
    struct policy ec2 = {.type = "ec2"};
    VARIABLES("S3_BUCKET_IGNORE_LIST", "logs, other", "EC2_INSTANCE_IGNORE_LIST", "i-1");
    load(NULL, NOW);
    assert_true(keeps("logs", "s3_bucket.tls") && keeps("other", "s3_bucket.public_acl"));
    assert_false(keeps("my-logs", "s3_bucket.tls"));
    assert_string_equal(keeper(&ec2, "us-east-1", "logs", "ec2.tags"), "");
    assert_string_equal(keeper(&ec2, "us-east-1", "i-1", "ec2.dev_public"),
                        "EC2_INSTANCE_IGNORE_LIST");
    assert_string_equal(keeper(&ec2, "us-east-1", "i-1", "ec2.tags"), "");
    assert_string_equal(keeper(&ec2, "us-east-1", "i-12", "ec2.dev_public"), "");
    struct policy elb = {.type = "elb"};
    assert_string_not_equal(keeper(&elb, "us-east-1", "i-1", "elb.dev_public"), "");
}

static void test_modules(void **state)
{
    (void)state;
    VARIABLES("REMEDIATION_MODULE_EXCEPTION",
              "{\"111122223333\":[\"s3\"],\"444455556666\":\"iam_role\"}");
    load(NULL, NOW);
    assert_string_equal(err.message, "");
    assert_true(keeps("anything", "s3_bucket.tls"));
    assert_string_equal(keeper(&role, "us-east-1", "admin", "iam_role.shared"), "");
    VARIABLES("REMEDIATION_MODULE_EXCEPTION", "{\"111122223333\":[\"s3_buck\",\"bucket\"]}");
    load(NULL, NOW);
    assert_false(keeps("anything", "s3_bucket.tls"));
}

static void test_resources(void **state)
{
    (void)state;
    VARIABLES("REMEDIATION_RESOURCE_EXCEPTION", "snap-1,b");
    load(NULL, NOW);
    assert_true(keeps("b", "s3_bucket.tls"));
    assert_false(keeps("b2", "s3_bucket.tls"));
    assert_false(keeps("ab", "s3_bucket.tls"));
    VARIABLES("REMEDIATION_RESOURCE_EXCEPTION",
              " {\"s3\":[\"b\"],\"iam_role\":\"admin\",\"ami\":[]}");
    load(NULL, NOW);
    assert_string_equal(err.message, "");
    assert_true(keeps("b", "s3_bucket.tls"));
    assert_false(keeps("admin", "s3_bucket.tls"));
    assert_string_not_equal(keeper(&role, "us-east-1", "admin", "iam_role.shared"), "");
    assert_string_equal(keeper(&role, "us-east-1", "b", "iam_role.shared"), "");
}

static void broken_variable(const char *name, const char *value)
{
    VARIABLES(name, value);
    load(NULL, NOW);
    assert_true(exceptions_audit_only(loaded));
    if (strstr(err.message, name) == NULL)
        fail_msg("'%s' does not name %s", err.message, name);
}

static void test_broken_variables(void **state)
{
    (void)state;
    broken_variable("REMEDIATION_MODULE_EXCEPTION", "ami");
    broken_variable("REMEDIATION_MODULE_EXCEPTION", "[\"ami\"]");
    broken_variable("REMEDIATION_MODULE_EXCEPTION", "{\"prod\":[\"ami\"]}");
    broken_variable("REMEDIATION_MODULE_EXCEPTION", "{\"111122223333\":7}");
    broken_variable("REMEDIATION_RESOURCE_EXCEPTION", "{\"s3\":");
    broken_variable("REMEDIATION_RESOURCE_EXCEPTION", "[\"a\"]");
    broken_variable("REMEDIATION_RESOURCE_EXCEPTION", "{\"s3\":[[\"a\"]]}");
    broken_variable("REMEDIATION_RESOURCE_EXCEPTION", "snap-1;snap-2");
    broken_variable("REMEDIATION_RESOURCE_EXCEPTION", "\"snap-1\"");
    broken_variable("S3_BUCKET_IGNORE_LIST", "[\"logs\"]");
    broken_variable("EC2_INSTANCE_IGNORE_LIST", "i-1, 'i-2'");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        TEST(test_fields),
        TEST(test_ids_are_whole),
        TEST(test_tags),
        TEST(test_all_fields_must_hold),
        TEST(test_what_is_shown),

        TEST(test_expiry),
        TEST(test_report),
        TEST(test_broken_files),
        TEST(test_missing_file),
        TEST(test_none),
        TEST(test_ignore_lists),
        TEST(test_modules),
        TEST(test_resources),
        TEST(test_broken_variables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
