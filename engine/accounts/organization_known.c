#include "accounts/organization_known.h"

#include "base/mem.h"

void organization_known_clear(struct organization_known *known)
{
    json_decref(known->accounts);
    json_decref(known->inactive);
    mem_free(known->id);
    *known = (struct organization_known){0};
}
