/* Objects that are closed with their owner at the latest. The owner (a job, a Lua state) has a list
 * of closers, and knows nothing about their type. Serves taint, box, lib_pages. */
#ifndef BINDINGS_VM_CLOSER_H
#define BINDINGS_VM_CLOSER_H

/* Must be the first member of the struct that is closed. */
struct closer {
    void (*close)(struct closer *closer); /* frees it; it is already off the list */
    struct closer *next, **link;
};

void closer_add(struct closer **list, struct closer *closer, void (*close)(struct closer *closer));
void closer_remove(struct closer *closer); /* its owner will not close it */
void closer_close_all(struct closer **list);

#endif
