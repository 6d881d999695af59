#include "support/slowed.h"

#include <stdlib.h>

bool is_slowed(void)
{
    return getenv("ENGINE_TEST_SLOWED") != NULL;
}

size_t slowed_rounds(size_t count)
{
    return is_slowed() ? (count + 15) / 16 : count;
}
