/* build.c - the calls of a plan, shown to the driver without running them. */
#include "exec/build.h"

#include "base/num.h"

#define STAND_IN_BYTES 64

/* A run's buffers do not matter to what is built, but that there are some. */
static void bind(mcl_operand *o, mcl_buffer *stand_in) {
  o->buf = o->rows && o->cols ? stand_in : NULL;
}

static int note_call(mcl_device *dev, const mcl_step *s, mcl_call *c, mcl_buffer *stand_in,
                     motcl_err *err) {
  const mcl_variant *v = mcl_plan_variant(dev, s, c);
  if (!v)
    return MOTCL_OK; /* the run will say so */
  for (unsigned i = 0; i < MCL_OP_INPUTS; i++)
    bind(&c->in[i], stand_in);
  for (unsigned i = 0; i < MCL_OP_WEIGHTS; i++)
    bind(&c->wt[i], stand_in);
  bind(&c->out, stand_in);
  if (v->scratch && v->scratch(dev, c))
    c->scratch = (mcl_operand){stand_in, 0, 1, 1, 1, MCL_U8};
  return dev->driver->note(dev, v, c, err);
}

/* Chunks and bands are alike but for the first and the last. */
static int note_step(mcl_device *dev, const mcl_plan *plan, const mcl_step *s, const uint32_t *dims,
                     mcl_buffer *stand_in, motcl_err *err) {
  const uint32_t n = mcl_plan_chunks(plan, s, dims);
  int rc = MOTCL_OK;
  for (uint32_t i = 0; i < n && rc == MOTCL_OK; i = i == 0 && n > 2 ? n - 1 : i + 1) {
    mcl_call c;
    mcl_plan_call(plan, s, dims, i, &c);
    if (c.out.rows && (!mcl_op_reads(c.op, MCL_OP_OUT) || c.in[0].rows))
      rc = note_call(dev, s, &c, stand_in, err);
  }
  return rc;
}

int mcl_build_note(mcl_device *dev, const mcl_plan *plan, const uint32_t *dims, motcl_err *err) {
  const mcl_driver *drv = dev->driver;
  mcl_buffer *stand_in = NULL;
  if (!drv->note)
    return MOTCL_OK;
  int rc = drv->create(dev, &stand_in, STAND_IN_BYTES, MCL_READ_WRITE, NULL, err);
  for (size_t i = 0; i < plan->steps && rc == MOTCL_OK; i++)
    rc = note_step(dev, plan, &plan->step[i], dims, stand_in, err);
  drv->destroy(dev, stand_in);
  return rc;
}
