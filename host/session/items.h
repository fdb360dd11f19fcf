/* items.h - a request as the one list of items that both its spellings stand for. */
#ifndef MCL_SESSION_ITEMS_H
#define MCL_SESSION_ITEMS_H

#include "base/err.h"

/**
 * A walk over the items of a request: {request} stands before the first.
 *
 * at       items passed
 * outputs  among them
 * item     the last one passed; an output's settings and seed are there, its own or the request's
 */
typedef struct mcl_items {
  const motcl_request *request;
  size_t at, outputs;
  motcl_item item;
} mcl_items;

/** Pass the next item; false, nothing changed, if there is none. */
bool mcl_items_next(mcl_items *list);

/** What comes of an output where it is made: a text or a picture. */
motcl_output mcl_output_kind(motcl_output output);

/** Whether a picture is wanted; whether one goes in; how many outputs are wanted. */
bool mcl_request_draws(const motcl_request *r);
bool mcl_request_shows(const motcl_request *r);
size_t mcl_request_outputs(const motcl_request *r);

#endif
