/* A row of pages, asked for one by one. Serves those who list; calls client_call. */
#ifndef AWS_CLIENT_CLIENT_PAGES_H
#define AWS_CLIENT_CLIENT_PAGES_H

#include "aws/client/client_call.h"

/* Pages. Asks for the next page with the tokens of the last; ends as the model's paginator says. */
struct client_pages;
struct client_pages *client_pages_new(struct client *client, const struct call *first,
                                      struct err *err); /* ERR_PARAM: no paginator */
void client_pages_free(struct client_pages *pages);
/* False when there is no further page. Otherwise starts the call for it. */
bool client_pages_next(struct client_pages *pages, struct err *err, client_done done, void *arg);
void client_pages_cancel(struct client_pages *pages);

#endif
