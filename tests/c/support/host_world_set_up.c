#include "support/host_world.h"

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
