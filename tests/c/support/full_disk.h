/* A disk on which no file may grow any more, for tests of what cannot be written. */
#ifndef SUPPORT_FULL_DISK_H
#define SUPPORT_FULL_DISK_H

/* From now on, no file may grow beyond the present size of this one: writes fail with EFBIG. */
void full_disk_begin(const char *path);
void full_disk_end(void);

#endif
