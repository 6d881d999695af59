/* Fetches the pages of a list, one by one. Serves code that lists; calls client_call. */
#ifndef AWS_CLIENT_CLIENT_PAGES_H
#define AWS_CLIENT_CLIENT_PAGES_H

#include "aws/client/client_call.h"

/* The pages of one operation. Requests the next page with the tokens of the last one; ends as the
 * model's paginator says. Without a paginator: ERR_PARAM. */
struct client_pages;
struct client_pages *client_pages_new(struct client *client, const struct call *first,
                                      struct err *err);
void client_pages_free(struct client_pages *pages);
/* Starts the call for the next page. Returns false if there is no further page. */
bool client_pages_next(struct client_pages *pages, struct err *err, client_done done, void *arg);
/* Will that call be made? (Or fail, because the service said that there are more pages.) */
bool client_pages_has_next(const struct client_pages *pages);
void client_pages_cancel(struct client_pages *pages);

#endif
