/* The memory of calls. A call is large, and malloc is slow for large blocks, so those that have
 * ended are kept, with the memory of their requests, for the next ones. Serves client_call and
 * client. */
#ifndef AWS_CLIENT_CLIENT_SPARE_H
#define AWS_CLIENT_CLIENT_SPARE_H

struct client;
struct client_call;

struct client_call *client_call_take(struct client *client);
void client_call_give_back(struct client_call *call);
void client_spares_clear(struct client *client);

#endif
