#include "support/host_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "value/json.h"

struct world world;

int world_set_up(void **state)
{
    (void)state;
    world_open(&world, NULL);
    return 0;
}

int world_tear_down(void **state)
{
    (void)state;
    world_close(&world);
    return 0;
}

void world_expect(struct world *here, const struct policy *policy,
                  const struct audit_options *options, const char *expected)
{
    json_t *outcome = world_audit(here, policy, options);
    const json_t *check = json_array_get(json_object_get(outcome, "checks"), 0);
    const json_t *error = json_object_get(check, "error");
    const char *found = json_get_string(error, "message", json_get_string(check, "status", "?"));
    if (strstr(found, expected) == NULL)
        fail_msg("\"%s\" instead of \"%s\"", found, expected);
    json_decref(outcome);
}
