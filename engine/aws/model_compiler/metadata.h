/* What a model says of the service itself. Serves compile. */
#ifndef AWS_MODEL_COMPILER_METADATA_H
#define AWS_MODEL_COMPILER_METADATA_H

struct builder;

/* The service itself: its names, protocol and signature. */
void metadata_lay(struct builder *builder, const char *name);

#endif
