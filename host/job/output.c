/* output.c - outputs being made, and then as parts. */
#include "job/output.h"

#include <string.h>

#include "base/mem.h"

int mcl_strbuf_append(mcl_strbuf *s, const char *text, size_t n, const char **at, motcl_err *err) {
  size_t most;
  char *p = NULL;
  if (mcl_mul_ok(n, 3, &most) && mcl_add_ok(most, s->n + 1, &most))
    p = mcl_realloc(s->text, most, 1);
  if (!p)
    return mcl_fail_nomem(err, n);
  s->text = p;
  *at = p + s->n;
  for (size_t i = 0; i < n; i++) {
    if (text[i]) {
      p[s->n++] = text[i];
    } else {
      memcpy(p + s->n, "\xef\xbf\xbd", 3);
      s->n += 3;
    }
  }
  p[s->n] = 0;
  return MOTCL_OK;
}

void mcl_output_settle(mcl_output *m, motcl_item *item) {
  bool picture = item->output == MOTCL_OUTPUT_PICTURE;
  const mcl_strbuf *words = picture ? &m->thought : &m->text;
  size_t n = 0;
  if (!picture || item->settings->think)
    m->part[n++] = (motcl_part){
        .kind = MOTCL_PART_ANSWER, .data = words->n ? words->text : "", .size = words->n};
  if (picture)
    m->part[n++] = (motcl_part){.kind = MOTCL_PART_PICTURE, .data = m->file, .size = m->bytes};
  item->made = m->part;
  item->mades = n;
}

void mcl_output_finish(mcl_output *m) {
  mcl_free(m->text.text);
  mcl_free(m->thought.text);
  mcl_free(m->file);
  memset(m, 0, sizeof *m);
}
