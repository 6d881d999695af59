/* Shared by mask.c (names, JSON, whole bodies), mask_xml.c and mask_text.c (forms and texts). */
#ifndef NET_RECORDING_MASK_INTERNAL_H
#define NET_RECORDING_MASK_INTERNAL_H

#include "net/recording/mask.h"

/* Whether a name is this one, whatever its case. */
bool mask_is(const char *name, size_t length, const char *known);
const char *mask_find(const char *text, size_t length, const char *word);
bool mask_is_blank(const char *text, const char *end);

/* What is written for the texts of a secret's name, or NULL. */
const char *mask_stands_for(const struct mask *mask, const char *name, size_t length,
                            bool with_ids);

void mask_xml(const struct mask *mask, struct buf *out, const char *text, size_t size);
void mask_signed(struct buf *out, const char *text, size_t length);
void mask_token(struct buf *out, const char *text, size_t length, const char *token);

#endif
