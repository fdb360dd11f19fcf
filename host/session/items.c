/* items.c - the items of a request, and what each output is made from. */
#include "session/items.h"

#include <string.h>

#include "base/mem.h"
#include "text/think.h"

static size_t count(const motcl_request *r) {
  return r->items ? r->items : r->parts + r->outputs;
}

/* The only place that knows both spellings. */
static motcl_item spelled(const motcl_request *r, size_t i) {
  if (r->items)
    return r->item[i];
  if (i < r->parts)
    return (motcl_item){.kind = MOTCL_ITEM_INPUT, .part = r->part[i]};
  return (motcl_item){.kind = MOTCL_ITEM_OUTPUT, .output = r->output[i - r->parts]};
}

bool mcl_items_next(mcl_items *list) {
  const motcl_request *r = list->request;
  if (list->at == count(r))
    return false;
  list->item = spelled(r, list->at++);
  if (list->item.kind != MOTCL_ITEM_OUTPUT)
    return true;
  if (!list->item.settings)
    list->item.settings = &r->settings;
  if (!list->item.seeded)
    list->item.seed = r->seed + list->outputs;
  list->outputs++;
  return true;
}

motcl_output mcl_output_kind(motcl_output output) {
  return output == MOTCL_OUTPUT_PICTURE_IF_ASKED ? MOTCL_OUTPUT_PICTURE : output;
}

bool mcl_request_draws(const motcl_request *r) {
  for (mcl_items l = {.request = r}; mcl_items_next(&l);)
    if (l.item.kind == MOTCL_ITEM_OUTPUT && mcl_output_kind(l.item.output) == MOTCL_OUTPUT_PICTURE)
      return true;
  return false;
}

bool mcl_request_shows(const motcl_request *r) {
  for (mcl_items l = {.request = r}; mcl_items_next(&l);)
    if (l.item.kind == MOTCL_ITEM_INPUT && l.item.part.kind == MOTCL_PART_PICTURE)
      return true;
  return false;
}

size_t mcl_request_outputs(const motcl_request *r) {
  mcl_items l = {.request = r};
  while (mcl_items_next(&l))
    continue;
  return l.outputs;
}

int motcl_request_items(motcl_item **out, size_t *n, const motcl_request *r, motcl_err *err) {
  motcl_item *item = mcl_zalloc(count(r) + 1, sizeof *item);
  if (!item)
    return mcl_fail_nomem(err, count(r) * sizeof *item);
  for (mcl_items l = {.request = r}; mcl_items_next(&l);)
    item[l.at - 1] = l.item;
  *out = item;
  *n = count(r);
  return MOTCL_OK;
}

/* A request with all that it has of its own. */
typedef struct alone {
  motcl_request request;
  motcl_output output;
  motcl_part part[];
} alone;

/* What is said in place of an output: an answer counts up to a marker. */
static void add_made(alone *a, const motcl_item *item) {
  for (size_t i = 0; i < item->mades; i++) {
    motcl_part *p = &a->part[a->request.parts++];
    *p = item->made[i];
    if (p->kind == MOTCL_PART_ANSWER && p->size)
      p->size = mcl_think_length(p->data, p->size);
  }
}

/* Parts until output k comes, or all of them. */
static int gather(alone *a, mcl_items *l, size_t k, motcl_err *err) {
  while (mcl_items_next(l)) {
    if (l->item.kind == MOTCL_ITEM_INPUT) {
      a->part[a->request.parts++] = l->item.part;
      continue;
    }
    if (l->outputs > k) {
      a->output = mcl_output_kind(l->item.output);
      a->request.outputs = 1;
      a->request.seed = l->item.seed;
      a->request.settings = *l->item.settings;
      a->request.settings.no_orient = l->request->settings.no_orient;
      a->request.settings.protocol = l->request->settings.protocol;
      return MOTCL_OK;
    }
    if (!l->item.mades)
      return mcl_fail(err, MOTCL_EINVAL, "output %zu of the request was not made yet", l->outputs);
    add_made(a, &l->item);
  }
  if (l->outputs < k)
    return mcl_fail(err, MOTCL_EINVAL, "the request has no output %zu", k + 1);
  return MOTCL_OK;
}

int motcl_request_alone(motcl_request **out, const motcl_request *r, size_t k, motcl_err *err) {
  size_t most = 0;
  for (mcl_items l = {.request = r}; mcl_items_next(&l);)
    most += l.item.kind == MOTCL_ITEM_INPUT ? 1 : l.item.mades;
  alone *a = mcl_alloc(1, sizeof *a + most * sizeof *a->part);
  if (!a)
    return mcl_fail_nomem(err, most * sizeof *a->part);
  a->request = (motcl_request){.part = a->part,
                               .output = &a->output,
                               .seed = r->seed,
                               .settings = r->settings,
                               .priority = r->priority};
  int rc = gather(a, &(mcl_items){.request = r}, k, err);
  if (rc == MOTCL_OK)
    *out = &a->request;
  else
    mcl_free(a);
  return rc;
}
