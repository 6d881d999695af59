#include "generate/impact.h"

#include <string.h>

#include "base/mem.h"
#include "value/json.h"

/* What each impact means, in the words of the policies' authors. */
static const struct {
    const char *name;
    const char *meaning;
    bool named; /* the repair is only made if --repair names it */
} impacts[] = {
    {"none", "nothing that runs is affected", false},
    {"interrupts", "someone may lose access or a connection", false},
    {"stops", "what is repaired stops, until it is started or created again", true},
    {"destroys", "something is deleted permanently", true},
};

const char *impact_of(const json_t *check)
{
    return json_get_string(check, "impact", "interrupts");
}

char *impact_text(const json_t *check)
{
    const char *impact = impact_of(check);
    size_t i = 0;
    while (i + 1 < sizeof impacts / sizeof *impacts && strcmp(impacts[i].name, impact) != 0)
        i++;
    return mem_printf("%s: %s%s%s", impact, impacts[i].meaning,
                      impacts[i].named ? "; only made with --repair " : "",
                      impacts[i].named ? json_get_string(check, "id", "") : "");
}
