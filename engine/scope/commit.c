#include "scope/commit.h"

#include "engine_commit.h"

const char engine_commit[] = ENGINE_COMMIT;
