/* The reviewed exceptions behind opclass.h, as data: opclass_table.c. Tests hold each name in it
 * against the models. */
#ifndef AWS_OPCLASS_TABLE_H
#define AWS_OPCLASS_TABLE_H

#include <stddef.h>

#include "aws/opclass.h"

struct opclass_entry {
    enum opclass value;
    const char *service;
    const char *operations; /* separated by blanks; '*' at the end of one stands for any rest */
    const char *reason;
};

extern const struct opclass_entry opclass_table[];
extern const size_t opclass_table_count;

#endif
