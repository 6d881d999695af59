/* Controls and frameworks by the names that people write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "compliance/controls.h"
#include "value/json.h"

static char folder[] = "/tmp/controls-XXXXXX";
static struct policy queues = {.type = "sqs"};
static const struct policy *const all_policies[] = {&queues};
static json_t *frameworks;

static const struct policy *const *all(void *self, size_t *count)
{
    (void)self;
    *count = 1;
    return all_policies;
}

static struct evaluator evaluator = {.all = all};

static void write_file(const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/frameworks/mine.json", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static json_t *read_frameworks(struct err *err)
{
    return controls_frameworks(&(struct text_list){(char *[]){folder}, 1}, &evaluator, err);
}

static int set_up(void **state)
{
    char path[64];
    struct err err = {0};
    (void)state;
    strcpy(folder, "/tmp/controls-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/frameworks", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    write_file("{\"title\": \"A Framework v2.0\", \"sources\": [], \"declared\": \"m\","
               " \"controls\": {\"1\": [\"SQS.3\"], \"3\": [], \"10\": []}}");
    queues.meta = json_pack("{s:[{s:s, s:{s:[s], s:[s]}}]}", "checks", "id", "sqs.public",
                            "controls", "securityhub", "SQS.3", "m", "10 ~");
    frameworks = read_frameworks(&err);
    assert_non_null(frameworks);
    return 0;
}

static int tear_down(void **state)
{
    char path[128];
    (void)state;
    json_decref(frameworks);
    json_decref((json_t *)(uintptr_t)queues.meta);
    snprintf(path, sizeof path, "%s/frameworks/mine.json", folder);
    unlink(path);
    snprintf(path, sizeof path, "%s/frameworks", folder);
    return rmdir(path) != 0 ? -1 : rmdir(folder);
}

static void expect_found(const char *name, const char *expected)
{
    json_t *found = controls_find(frameworks, name);
    char *text = json_text(found);
    assert_string_equal(text, expected);
    mem_free(text);
    json_decref(found);
}

static void expect_named(const char *words, size_t count)
{
    json_t *named = controls_named(frameworks, words);
    if (json_array_size(named) != count)
        fail_msg("\"%s\" names %zu frameworks", words, json_array_size(named));
    json_decref(named);
}

static void expect_offered(const char *wrong, const char *expected)
{
    struct suggest suggest;
    struct text_list offered = {0};
    char text[SUGGEST_TEXT];
    suggest_init(&suggest, wrong);
    controls_offer(frameworks, wrong, &suggest, &offered);
    suggest_text(&suggest, text);
    assert_string_equal(text, expected);
    text_list_clear(&offered);
}

#define TEN                                                                                        \
    "[{\"framework\":\"mine\",\"title\":\"A Framework v2.0\",\"id\":\"10\",\"checks\":["           \
    "\"sqs.public\"],\"near\":true}]"

static void test_controls(void **state)
{
    (void)state;
    expect_found("10", TEN);
    expect_found("10 ~", TEN);
    expect_found("MINE 10", TEN);
    expect_found("a framework/10", TEN);
    expect_found("A 2.0 10", TEN);
    expect_found("A v2 10", TEN);
    expect_found("a-framework/v/2.0.0/10", "[]");
    expect_found("a-framework/v/2.0/10", TEN); /* as in Security Hub's ARNs */
    expect_found("framework a 10", "[]");
    expect_found("a framework 3.0 10", "[]");
    expect_found("securityhub 10", "[]");
    expect_found("10 10", "[]");
    expect_found("", "[]");
    expect_found(" ~", "[]");
    expect_found("mine 3", "[{\"framework\":\"mine\",\"title\":\"A Framework v2.0\",\"id\":\"3\","
                           "\"checks\":[]}]");
    expect_found("sqs.3", "[{\"framework\":\"securityhub\",\"title\":\"AWS Security Hub\",\"id\":"
                          "\"SQS.3\",\"checks\":[\"sqs.public\"]}]");
}

/* The key "m" has no framework of its own: its controls are those of the file. */
static void test_frameworks(void **state)
{
    struct err err = {0};
    (void)state;
    assert_int_equal(json_array_size(frameworks), 2);
    expect_named("mine", 1);
    expect_named("A", 1);
    expect_named("security hub", 1);
    expect_named("m", 0);
    expect_named("", 0);
    expect_named("-", 0);
    expect_named("A Framework 2.0 10", 0);
    write_file("{}");
    assert_null(read_frameworks(&err));
    assert_non_null(strstr(err.message, "mine.json: it has no \"title\""));
}

/* A policy of one's own may name controls that have blanks and slashes. */
static void test_ids_of_several_words(void **state)
{
    static const char *const names[] = {"Art. 32/1", "art. 32/1 ~", "GDPR Art. 32/1",
                                        "gdpr/Art. 32/1"};
    struct err err = {0};
    (void)state;
    json_decref(frameworks);
    json_decref((json_t *)(uintptr_t)queues.meta);
    queues.meta = json_pack("{s:[{s:s, s:{s:[s]}}]}", "checks", "id", "sqs.public", "controls",
                            "gdpr", "Art. 32/1");
    frameworks = read_frameworks(&err);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        expect_found(names[i], "[{\"framework\":\"gdpr\",\"title\":\"gdpr\",\"id\":"
                               "\"Art. 32/1\",\"checks\":[\"sqs.public\"]}]");
    expect_found("rt. 32/1", "[]");
    expect_found("mine Art. 32/1", "[]");
}

static void test_near_names(void **state)
{
    (void)state;
    expect_offered("SQS.33", ", did you mean \"SQS.3\"?");
    expect_offered("a framework 11", ", did you mean \"a framework 1\"?");
    expect_offered("mien", ", did you mean \"mine\"?");
    expect_offered("moon.shine", "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        TEST(test_controls),
        TEST(test_frameworks),
        TEST(test_ids_of_several_words),
        TEST(test_near_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
