/* Line counts of policies, as a test build writes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bindings/vm/coverage.h"
#include "support/host_world.h"

static const char policy_text[] = "local function count() end\n"
                                  "return policy { type = 'lines', title = 'T',\n"
                                  "permissions = { read = { 'sqs:ListQueues' } },\n"
                                  "fetch = function(resource)\n"
                                  "  resource.aws.sqs:ListQueues()\n"
                                  "  if resource.id == '' then\n"
                                  "    count()\n"
                                  "  end\n"
                                  "  return {}\n"
                                  "end,\n"
                                  "checks = { { id = 'lines.a', title = 'A', severity = 'low',\n"
                                  "audit = function() return true end } } }\n";

static void read_all(const char *path, char *out, size_t size)
{
    FILE *file = fopen(path, "r");
    out[0] = '\0';
    if (file == NULL)
        return;
    out[fread(out, 1, size - 1, file)] = '\0';
    fclose(file);
}

static void counts_lines_that_ran(void **state)
{
    char counts[4000], path[128], line[200];
    (void)state;
    world_open(&world, NULL);
    snprintf(path, sizeof path, "%s/counts", world.folder);
    char *before =
        getenv("ENGINE_LUA_COVERAGE") != NULL ? strdup(getenv("ENGINE_LUA_COVERAGE")) : NULL;
    setenv("ENGINE_LUA_COVERAGE", path, 1);
    const struct policy *policy = world_load(&world, "lines", policy_text);
    json_decref(world_audit(&world, policy, NULL));
    json_decref(world_audit(&world, policy, NULL));
    coverage_write();
    read_all(path, counts, sizeof counts);
    if (before != NULL)
        setenv("ENGINE_LUA_COVERAGE", before, 1);
    else
        unsetenv("ENGINE_LUA_COVERAGE");
    free(before);
#ifdef ENGINE_TEST_BUILD
    snprintf(line, sizeof line, "%s/policies/lines.lua:1 1\n", world.folder);
    assert_non_null(strstr(counts, line));
    snprintf(line, sizeof line, "%s/policies/lines.lua:9 2\n", world.folder);
    assert_non_null(strstr(counts, line));
    snprintf(line, sizeof line, "%s/policies/lines.lua:7 ", world.folder);
    assert_null(strstr(counts, line));
    assert_null(strstr(counts, "prelude"));
#else
    (void)line;
    assert_string_equal(counts, "");
#endif
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(counts_lines_that_ran)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
