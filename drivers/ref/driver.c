/* driver.c - the ref driver's table: plain C, no OpenCL. It defines every op, stands in for a
 * device in tests, and is the driver to copy when writing another. */
#include "drivers/ref/ref.h"

#include <stdio.h>
#include <unistd.h>

#include "drivers/list.h"
#include "drivers/registry.h"

static uint64_t host_memory(void) {
#ifdef _SC_PHYS_PAGES
  long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
  if (pages > 0 && size > 0)
    return (uint64_t)pages * (uint64_t)size;
#endif
  return SIZE_MAX / 2;
}

static int list(const mcl_driver *drv, mcl_device_list *all, motcl_err *err) {
  mcl_device_entry e = {.driver = drv, .info = {.kind = 'r', .platform_index = -1}};
  snprintf(e.info.name, sizeof e.info.name, "plain C");
  snprintf(e.info.platform, sizeof e.info.platform, "none");
  snprintf(e.info.version, sizeof e.info.version, "ref %u", MCL_DRIVER_VERSION);
  e.info.units = 1;
  e.info.memory = host_memory();
  e.info.max_buffer = SIZE_MAX / 2;
  e.info.max_group = 1;
  e.info.align = 64;
  e.info.zero_copy = true;
  e.info.host_memory = true;
  e.info.slow = true;
  return mcl_device_list_add(all, &e, err);
}

static int open_device(mcl_device **out, const mcl_device_entry *entry,
                       const mcl_device_options *opt, motcl_err *err) {
  mcl_ref *ref = mcl_zalloc(1, sizeof *ref);
  if (!ref)
    return mcl_fail_nomem(err, sizeof *ref);
  mcl_device *dev = &ref->base;
  dev->driver = entry->driver;
  dev->info = entry->info;
  if (opt->max_buffer && opt->max_buffer < dev->info.max_buffer)
    dev->info.max_buffer = opt->max_buffer;
  *out = dev;
  return MOTCL_OK;
}

static void close_device(mcl_device *dev) {
  mcl_free(dev);
}

/* Nothing is ever queued: a call is done when it returns. */
static int finish(mcl_device *dev, motcl_err *err) {
  (void)dev;
  (void)err;
  return MOTCL_OK;
}

static const mcl_variant variants[] = {
#define VARIANT(id, op_name, inputs, weights, output, flags)                                       \
  {.name = "ref." op_name,                                                                         \
   .op = MCL_OP_##id,                                                                              \
   .numeric = "ref",                                                                               \
   .layout = MCL_LAYOUT_FILE,                                                                      \
   .scratch = mcl_ref_scratch,                                                                     \
   .enqueue = mcl_ref_##id},
    MCL_OPS(VARIANT)
#undef VARIANT
};

const mcl_driver mcl_driver_ref = {
    .version = MCL_DRIVER_VERSION,
    .name = "ref",
    .about = "plain C, the definition of every op; very slow",
    .rank = 0,
    .list = list,
    .open = open_device,
    .close = close_device,
    .create = mcl_ref_create,
    .destroy = mcl_ref_destroy,
    .write = mcl_ref_write,
    .read = mcl_ref_read,
    .copy = mcl_ref_copy,
    .finish = finish,
    .begin = mcl_ref_begin,
    .end = mcl_ref_end,
    .wait = mcl_ref_wait,
    .times = mcl_ref_times,
    .release = mcl_ref_release,
    .variants = variants,
    .variant_count = sizeof variants / sizeof *variants,
};
