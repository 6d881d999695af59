/* What the impact of a repair means. Serves `engine explain` and the pages about checks. */
#ifndef GENERATE_IMPACT_H
#define GENERATE_IMPACT_H

#include <jansson.h>
#include <stdbool.h>

/* The impact that the check declares; "interrupts" if it declares none. */
const char *impact_of(const json_t *check);
/* "stops: what is repaired stops, …; only made with --repair ec2.tags". Free with mem_free. */
char *impact_text(const json_t *check);

#endif
