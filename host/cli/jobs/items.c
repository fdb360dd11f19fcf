/* items.c - a request written out as items. */
#include "cli/jobs/items.h"

#include <stdlib.h>
#include <string.h>

#include "cli/jobs/preview.h"
#include "cli/memory.h"

static bool is_output(const motcl_item *item) {
  return item->kind == MOTCL_ITEM_OUTPUT;
}

static bool is_drawn(const motcl_item *item) {
  return is_output(item) && item->output != MOTCL_OUTPUT_TEXT;
}

/* Settings of its own that can be changed; what came of it before does not count. */
static void own(motcl_item *item, motcl_settings *settings, uint32_t pass_rows, bool previews) {
  *settings = *item->settings;
  settings->pass_rows = pass_rows;
  settings->preview = previews && is_drawn(item) ? mcl_preview_every(settings->timesteps) : 0;
  item->settings = settings;
  item->made = NULL;
  item->mades = 0;
}

static void take_seed(motcl_request *r, motcl_item *item) {
  for (size_t i = 0; i < r->items; i++)
    if (is_output(&item[i])) {
      r->seed = item[i].seed;
      item[i].seeded = false;
    }
}

int mcl_job_items_list(mcl_job_items *items, mcl_options *o, const motcl_request *asked,
                       bool previews, motcl_err *err) {
  uint32_t pass_rows = o->request.settings.pass_rows;
  size_t n;
  int rc = motcl_request_items(&items->item, &n, asked, err);
  if (rc != MOTCL_OK)
    return rc;
  items->settings = calloc(n + 1, sizeof *items->settings);
  if (!items->settings)
    return mcl_no_memory(err);
  for (size_t i = 0; i < n; i++)
    if (is_output(&items->item[i]))
      own(&items->item[i], &items->settings[i], pass_rows, previews);
  o->request = (motcl_request){.seed = asked->seed,
                               .settings = asked->settings,
                               .priority = asked->priority,
                               .item = items->item,
                               .items = n};
  o->request.settings.pass_rows = pass_rows;
  if (mcl_outputs(&o->request) == 1)
    take_seed(&o->request, items->item);
  return MOTCL_OK;
}

void mcl_job_items_finish(mcl_job_items *items) {
  motcl_free(items->item);
  free(items->settings);
  memset(items, 0, sizeof *items);
}

size_t mcl_outputs(const motcl_request *r) {
  size_t n = 0;
  for (size_t i = 0; i < r->items; i++)
    n += is_output(&r->item[i]);
  return n;
}

size_t mcl_outputs_drawn(const motcl_request *r) {
  size_t n = 0;
  for (size_t i = 0; i < r->items; i++)
    n += is_drawn(&r->item[i]);
  return n;
}

const motcl_item *mcl_output_at(const motcl_request *r, size_t k) {
  size_t i = 0;
  for (; !is_output(&r->item[i]) || k; i++)
    k -= is_output(&r->item[i]);
  return &r->item[i];
}

uint64_t mcl_output_seed(const motcl_request *r, size_t k) {
  const motcl_item *item = mcl_output_at(r, k);
  return item->seeded ? item->seed : r->seed + k;
}

bool mcl_request_certain(const motcl_request *r) {
  for (size_t i = 0; i < r->items; i++)
    if (is_output(&r->item[i]) && (is_drawn(&r->item[i]) || r->item[i].settings->temperature != 0))
      return false;
  return true;
}
