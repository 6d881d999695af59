/* A lock by name: one process of the machine holds a name at a time, until it releases it or ends.
 * File locks are not enough for plan_hold and undo, which this serves: a plan or journal may be
 * copied, and each copy be locked. No file is created: the lock is a local socket with an abstract
 * name (unix(7)), so it covers one network namespace. */
#ifndef BASE_CLAIM_H
#define BASE_CLAIM_H

/* Returns the descriptor of the claim. -1 with errno: EADDRINUSE if another process holds the
 * name. */
int claim_take(const char *name);
void claim_drop(int claim); /* -1 is allowed */

#endif
