#include "support/scratch_case.h"

#include "base/mem.h"
#include "support/models.h"

struct scratch_case scratch;

int scratch_case_set_up(void **state)
{
    (void)state;
    scratch = (struct scratch_case){.folder = scratch_folder()};
    scratch.path = scratch_path(scratch.folder, "file");
    return 0;
}

int scratch_case_tear_down(void **state)
{
    (void)state;
    scratch_remove(scratch.folder);
    mem_free(scratch.path);
    return 0;
}
