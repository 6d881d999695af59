/* Shared by convert_push.c and convert_take.c: how each knows the other's tables again. */
#ifndef BINDINGS_VM_CONVERT_INTERNAL_H
#define BINDINGS_VM_CONVERT_INTERNAL_H

extern const char convert_order_key; /* in an object's metatable: its array part is the order */

extern const char convert_none; /* whose address lib.none is */

#endif
