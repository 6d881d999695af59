/* The metadata of a service. Serves compile. */
#ifndef AWS_MODEL_COMPILER_METADATA_H
#define AWS_MODEL_COMPILER_METADATA_H

struct builder;

/* Adds the service's names, protocol and signature. */
void metadata_add(struct builder *builder, const char *name);

#endif
