/* What is closed with its owner at the latest: an owner (a job, a Lua state) has a list of closers,
 * and knows nothing of what they belong to. Serves taint, box, lib_pages. */
#ifndef BINDINGS_VM_CLOSER_H
#define BINDINGS_VM_CLOSER_H

/* The first member of what is closed. */
struct closer {
    void (*close)(struct closer *closer); /* frees it; it stands in no list any more */
    struct closer *next, **link;
};

void closer_add(struct closer **list, struct closer *closer, void (*close)(struct closer *closer));
void closer_remove(struct closer *closer); /* its owner does not close it any more */
void closer_close_all(struct closer **list);

#endif
