/* build.c - from the runs that phases will make to kernels that are to be built. */
#include "session/build.h"

#include "base/mem.h"
#include "exec/build.h"
#include "session/workload.h"

/* What else a pass has is counted when it is put together; here it matters only whether there is
 * any. Contexts part when a text is written and when a picture is taken in, and then their last
 * page is copied. */
static mcl_decoder_size with_tables(const mcl_decoder_size *size) {
  mcl_decoder_size s = *size;
  s.tiles = s.block_table = s.pages = 1;
  s.scratch = s.gen ? 1 : 0;
  s.cow_pages = s.logits || s.vision || (s.gen && !s.drawn) ? 1 : 0;
  return s;
}

void mcl_session_note(const mcl_session *s, const mcl_engine *e, const mcl_plan *plan) {
  const mcl_decoder_graph *d = &e->graph[plan->graph == e->graph[1].graph];
  mcl_workload y = {0};
  uint32_t *dims = mcl_zalloc(mcl_graph_dims(d->graph), sizeof *dims);
  if (dims && mcl_session_workload(s, &y, NULL) == MOTCL_OK)
    for (size_t i = 0; i < y.count; i++) {
      const mcl_workload_item *r = &y.runs[i];
      const mcl_decoder_size size = with_tables(&r->size);
      if (!r->plan)
        mcl_decoder_bind(d, &size, dims);
      mcl_build_note(e->device, r->plan ? r->plan : plan, r->plan ? r->plan->dims : dims, NULL);
    }
  mcl_workload_finish(&y);
  mcl_free(dims);
}
