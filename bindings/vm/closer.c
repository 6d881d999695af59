#include "bindings/vm/closer.h"

#include <stddef.h>

void closer_add(struct closer **list, struct closer *closer, void (*close)(struct closer *closer))
{
    closer->close = close;
    closer->next = *list;
    closer->link = list;
    if (closer->next != NULL)
        closer->next->link = &closer->next;
    *list = closer;
}

void closer_remove(struct closer *closer)
{
    *closer->link = closer->next;
    if (closer->next != NULL)
        closer->next->link = closer->link;
}

void closer_close_all(struct closer **list)
{
    while (*list != NULL) {
        struct closer *closer = *list;
        closer_remove(closer);
        closer->close(closer);
    }
}
