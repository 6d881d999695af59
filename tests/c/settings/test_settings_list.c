/* Lists of settings in files, the list that is one word (REGIONS=all), and values that look like a
 * list or an ARN. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "settings/settings.h"
#include "settings/settings_options.h"
#include "value/json.h"

static const char *const *variables; /* name, value, …, NULL */
static struct settings settings;
static struct err err;

static const char *fake_getenv(const char *name)
{
    for (const char *const *at = variables; *at != NULL; at += 2) {
        if (strcmp(at[0], name) == 0)
            return at[1];
    }
    return NULL;
}

static int begin(const char *const *given)
{
    variables = given;
    err_clear(&err);
    return settings_init(&settings, fake_getenv, "/nowhere", &err);
}

#define VARIABLES(...) ((const char *const[]){__VA_ARGS__, NULL})

static void refused(const char *variable, const char *word, const char *part)
{
    assert_int_equal(begin(VARIABLES(variable, word)), -1);
    assert_int_equal(err.kind, ERR_USAGE);
    assert_non_null(strstr(err.message, variable));
    assert_non_null(strstr(err.message, part));
}

/* A list in a file, of any length: each word is checked as if it were in the setting itself. */
static void test_lists_of_files(void **state)
{
    (void)state;
    char path[] = "/tmp/test_settings.XXXXXX";
    char word[sizeof path + 1];
    int file = mkstemp(path);
    assert_true(file >= 0);
    snprintf(word, sizeof word, "@%s", path);
    for (int i = 0; i < 10000; i++)
        assert_true(dprintf(file, "%012d%s", i, i % 2 == 0 ? "\n" : ", ") > 0);
    char both[64];
    snprintf(both, sizeof both, "org,%s", word);
    assert_int_equal(begin(VARIABLES("ACCOUNTS", both, "DEV_ACCOUNTS", word)), 0);
    assert_int_equal(settings.accounts.count, 10001);
    assert_string_equal(settings.accounts.items[10000], "000000009999");
    assert_int_equal(json_array_size(json_object_get(settings.for_policies, "dev_accounts")),
                     10000);
    settings_clear(&settings);
    refused("REGIONS", word, "000000000000");
    assert_true(dprintf(file, "@%s", path) > 0);
    refused("ACCOUNTS", word, path);
    assert_int_equal(ftruncate(file, 0), 0);
    refused("ACCOUNTS", word, "must contain values");
    assert_int_equal(unlink(path), 0);
    refused("KNOWN_ACCOUNTS", word, "cannot be read");
    close(file);
}

/* With a byte order mark, the first bucket would not be the one that is to be left alone. */
static void test_byte_order_mark(void **state)
{
    (void)state;
    char path[] = "/tmp/test_settings.XXXXXX";
    char word[sizeof path + 1];
    int file = mkstemp(path);
    assert_true(file >= 0 && dprintf(file, "\xef\xbb\xbflogs\r\n") > 0);
    snprintf(word, sizeof word, "@%s", path);
    assert_int_equal(begin(VARIABLES("S3_BUCKET_IGNORE_LIST", word, "REQUIRED_TAGS", word)), 0);
    char *text = json_text(settings.for_policies);
    assert_non_null(strstr(text, "\"s3_bucket_ignore_list\":[\"logs\"]"));
    assert_non_null(strstr(text, "\"required_tags\":[\"logs\"]"));
    mem_free(text);
    settings_clear(&settings);
    assert_int_equal(unlink(path), 0);
    close(file);
}

/* A value without any name is an error; an empty variable is not. */
static void test_empty_lists(void **state)
{
    (void)state;
    refused("ACCOUNTS", ",", "contains no value");
    refused("REGIONS", " , ", "contains no value");
    refused("DEV_ACCOUNTS", ",,", "contains no value");
    assert_int_equal(begin(VARIABLES("ACCOUNTS", "", "DEV_ACCOUNTS", "")), 0);
    assert_int_equal(settings.accounts.count, 0);
    settings_clear(&settings);
}

/* Names of tags may contain spaces. As JSON, the list would name one strange tag. */
static void test_tags(void **state)
{
    (void)state;
    char path[] = "/tmp/test_settings.XXXXXX";
    char both[64];
    int file = mkstemp(path);
    assert_true(file >= 0);
    snprintf(both, sizeof both, "Team, @%s", path);
    refused("REQUIRED_TAGS", both, "must contain names");
    assert_true(dprintf(file, "Owner\r\nCost Center, Stage\n") > 0);
    assert_int_equal(begin(VARIABLES("REQUIRED_TAGS", both)), 0);
    char *text = json_text(json_object_get(settings.for_policies, "required_tags"));
    assert_string_equal(text, "[\"Team\",\"Owner\",\"Cost Center\",\"Stage\"]");
    mem_free(text);
    settings_clear(&settings);
    assert_true(dprintf(file, "@more.txt\n") > 0);
    refused("REQUIRED_TAGS", both, "must not name another file");
    assert_true(ftruncate(file, 0) == 0 && lseek(file, 0, SEEK_SET) == 0);
    assert_true(dprintf(file, "[\"Owner\"]\n") > 0);
    refused("REQUIRED_TAGS", both, "[\"Owner\"]");
    assert_int_equal(unlink(path), 0);
    close(file);
    refused("REQUIRED_TAGS", both, "cannot be read");
    refused("REQUIRED_TAGS", " , ", "contains no value");
    refused("REQUIRED_TAGS", "[\"Owner\"]", "[\"Owner\"]");
}

/* The ARN of the role is made for each account. */
static void test_roles(void **state)
{
    (void)state;
    refused("MEMBER_ROLE", "arn:aws:iam::111122223333:role/engine", "not the name of a role");
    refused("MEMBER_ROLE", "/team/engine", "'/team/engine'");
    refused("MEMBER_ROLE", "team/", "'team/'");
    refused("MEMBER_ROLE", "my role", "'my role'");
    assert_int_equal(begin(VARIABLES("MEMBER_ROLE", "team/my+role,=.@-_x")), 0);
    assert_string_equal(settings.member_role, "team/my+role,=.@-_x");
    settings_clear(&settings);
}

static int give_regions(const char *regions)
{
    static const char *const allowed[] = {"regions", NULL};
    struct text_list rest = {0};
    char *words[] = {mem_strdup("--regions"), mem_strdup(regions)};
    int result = settings_options(&settings, 2, words, 0, allowed, &rest, &err);
    mem_free(words[0]);
    mem_free(words[1]);
    return result;
}

static void test_all_regions(void **state)
{
    (void)state;
    assert_int_equal(begin(VARIABLES("REGIONS", "all")), 0);
    assert_true(settings.all_regions);
    assert_int_equal(settings.regions.count, 0);
    assert_int_equal(give_regions("eu-west-1"), 0);
    assert_false(settings.all_regions);
    assert_int_equal(settings.regions.count, 1);
    assert_int_equal(give_regions("all"), 0);
    assert_true(settings.all_regions);
    assert_int_equal(settings.regions.count, 0);
    assert_int_equal(give_regions("ALL"), -1);
    assert_int_equal(err.kind, ERR_USAGE);
    assert_non_null(strstr(err.message, "'ALL' is not a region such as 'us-east-1', or all"));
    settings_clear(&settings);
}

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists_of_files), cmocka_unit_test(test_byte_order_mark),
        cmocka_unit_test(test_empty_lists),    cmocka_unit_test(test_tags),
        cmocka_unit_test(test_roles),          cmocka_unit_test(test_all_regions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
