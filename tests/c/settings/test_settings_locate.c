/* Where policies and models are found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "settings/settings.h"
#include "settings/settings_locate.h"
#include "support/models.h"

static char *folder;
static struct settings settings;
static struct err err;

static int set_up(void **state)
{
    (void)state;
    folder = scratch_folder();
    err = (struct err){0};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_remove(folder);
    return 0;
}

static const char *no_variable(const char *name)
{
    (void)name;
    return NULL;
}

/* Makes the directory and those above it, and returns its path. mem_free. */
static char *make(const char *name)
{
    char *path = mem_printf("%s/%s", folder, name);
    for (char *slash = path + strlen(folder); slash != NULL; slash = strchr(slash + 1, '/')) {
        char *above = slash[1] != '\0' ? mem_strndup(path, (size_t)(slash - path)) : NULL;
        if (above != NULL)
            mkdir(above, 0700);
        mem_free(above);
    }
    assert_int_equal(mkdir(path, 0700), 0);
    return path;
}

/* Removes it and those above it that are empty now. */
static void drop(char *path)
{
    while (strlen(path) > strlen(folder) && rmdir(path) == 0)
        *strrchr(path, '/') = '\0';
    mem_free(path);
}

static void assert_path(const char *path, const char *base, const char *name)
{
    char *wanted = mem_printf("%s/%s", base, name);
    assert_string_equal(path, wanted);
    mem_free(wanted);
}

static void finds_those_of_an_installation(void **state)
{
    (void)state;
    char *bin = make("bin");
    char *policies = make("share/engine/policies");
    char *models = make("share/engine/models");
    assert_int_equal(settings_init(&settings, no_variable, bin, &err), 0);
    assert_path(settings.policies, folder, "share/engine/policies");
    assert_path(settings.models, folder, "share/engine/models");
    settings_clear(&settings);
    drop(bin);
    drop(policies);
    drop(models);
}

static void builtin_stands_for_the_own_policies(void **state)
{
    (void)state;
    char *bin = make("bin"), *policies = make("share/engine/policies"), *mine = make("mine");
    char *both = mem_printf("%s:builtin", mine);
    assert_int_equal(settings_init(&settings, no_variable, bin, &err), 0);
    mem_free(settings.policies);
    settings.policies = both;
    assert_int_equal(settings_locate(&settings, no_variable, bin, &err), 0);
    assert_int_equal(settings.policy_folders.count, 2);
    assert_string_equal(settings.policy_folders.items[0], mine);
    assert_path(settings.policy_folders.items[1], folder, "share/engine/policies");
    settings_clear(&settings);
    drop(bin);
    drop(policies);
    drop(mine);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        TEST(finds_those_of_an_installation),
        TEST(builtin_stands_for_the_own_policies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
