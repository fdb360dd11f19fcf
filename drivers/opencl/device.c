/* device.c - devices, buffers and launches as drivers of OpenCL devices share them. */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/host_memory.h"
#include "base/mem.h"
#include "cl/program.h"
#include "cl/ready.h"
#include "cl/status.h"
#include "drivers/opencl/opencl.h"
#include "drivers/registry.h"

static void info_of(mcl_device_info *info, const mcl_cl_caps *f) {
  *info = (mcl_device_info){
      .kind = f->kind,
      .platform_index = f->platform_index,
      .device_index = f->device_index,
      .units = f->units,
      .memory = f->memory,
      .max_buffer = f->max_buffer,
      .local = f->local,
      .max_group = f->max_group,
      .align = f->align,
      .keeps = f->keeps,
      .zero_copy = f->kind == 'c' && f->unified,
      .host_memory = f->unified,
  };
  snprintf(info->name, sizeof info->name, "%s", f->name);
  snprintf(info->platform, sizeof info->platform, "%s", f->platform);
  snprintf(info->version, sizeof info->version, "%s", f->version);
}

static int note(void *ctx, cl_device_id id, const mcl_cl_caps *caps, motcl_err *err) {
  mcl_device_entries *seen = ctx;
  void *p = seen->entry;
  if (!caps->compiler)
    return MOTCL_OK;
  if (!mcl_grow(&p, &seen->cap, seen->count, sizeof *seen->entry))
    return mcl_fail_nomem(err, sizeof *seen->entry);
  seen->entry = p;
  mcl_device_entry *e = &seen->entry[seen->count++];
  *e = (mcl_device_entry){.handle = id};
  info_of(&e->info, caps);
  return MOTCL_OK;
}

/* Runtimes abort where there is no memory for them to be loaded, which nobody can catch. PoCL, with LLVM,
 * takes 350 MB of addresses before it compiles anything, and a stack for each processor. */
static bool has_room(void) {
#define MB ((uint64_t)1 << 20)
  struct rlimit r;
  const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
  const bool known = getrlimit(RLIMIT_STACK, &r) == 0 && r.rlim_cur != RLIM_INFINITY;
  const uint64_t stacks = (cpus > 0 ? (uint64_t)cpus : 1) * (known ? r.rlim_cur : 8 * MB);
  const mcl_memory_use now = mcl_memory_used("");
  const mcl_memory_use need = {{32 * MB, 480 * MB + stacks, 192 * MB + stacks}};
  return mcl_memory_left("", &now, &need, 0).bytes > 0;
#undef MB
}

static int look(mcl_device_list *list, motcl_err *err) {
  mcl_cl_caps caps;
  list->looked = true;
  if (list->own) {
    int rc = mcl_cl_describe(&caps, list->own, -1, -1, err);
    return rc == MOTCL_OK ? note(&list->opencl, list->own, &caps, err) : rc;
  }
  if (has_room())
    return mcl_cl_enumerate(note, &list->opencl, &list->why, err);
  list->why = "this process may not take the memory that OpenCL's runtimes need to be loaded, "
              "about 500 MiB of address space; raise its limits (ulimit -v, ulimit -d, its control "
              "group's)";
  return MOTCL_OK;
}

int mcl_opencl_list(const mcl_driver *drv, mcl_device_list *list, const char *kinds,
                    motcl_err *err) {
  int rc = list->looked ? MOTCL_OK : look(list, err);
  for (size_t i = 0; i < list->opencl.count && rc == MOTCL_OK; i++) {
    mcl_device_entry entry = list->opencl.entry[i];
    entry.driver = drv;
    if (strchr(kinds, entry.info.kind))
      rc = mcl_device_list_add(list, &entry, err);
  }
  return rc;
}

/* The square of the largest side may not be more than the device allows in a group. */
static unsigned group_side(const mcl_cl_caps *caps) {
  unsigned side = 8;
  while (side > 1 && side * side > caps->max_group)
    side /= 2;
  return side;
}

/* Some of a device's units as a device of its own; NULL where all are wanted. */
static int take_units(cl_device_id *part, cl_device_id id, const mcl_cl_caps *caps, uint32_t units,
                      motcl_err *err) {
  const cl_device_partition_property how[] = {CL_DEVICE_PARTITION_BY_COUNTS,
                                              (cl_device_partition_property)units,
                                              CL_DEVICE_PARTITION_BY_COUNTS_LIST_END, 0};
  *part = NULL;
  if (!units || units >= caps->units)
    return MOTCL_OK;
  cl_int status = clCreateSubDevices(id, how, 1, part, NULL);
  return status == CL_SUCCESS
             ? MOTCL_OK
             : mcl_fail_at(err, MOTCL_EUNSUPPORTED, (int)status, __func__,
                           "%s cannot be divided to leave units to others (%s); use all of it",
                           caps->name, mcl_cl_name(status));
}

static int open_cl(mcl_opencl *g, const mcl_device_entry *entry, const mcl_device_options *opt,
                   motcl_err *err) {
  mcl_cl_caps caps;
  cl_device_id id = entry->handle;
  const int platform = entry->info.platform_index, device = entry->info.device_index;
  int rc = mcl_cl_describe(&caps, id, platform, device, err);
  if (rc == MOTCL_OK)
    rc = take_units(&g->part, id, &caps, opt->units, err);
  if (rc == MOTCL_OK && g->part)
    rc = mcl_cl_describe(&caps, id = g->part, platform, device, err);
  if (rc != MOTCL_OK)
    return rc;
  /* a device that shares the host's memory gains nothing from engines for moves */
  const bool moves = opt->move_queues || !caps.unified;
  /* CL1.2 also where the platform would take more; divisions are exact where that can be had */
  mcl_cl_settings settings = {
      .context = opt->context,
      .passing = opt->context || g->part,
      .side = group_side(&caps),
      .options = caps.exact_division ? "-cl-std=CL1.2 -cl-fp32-correctly-rounded-divide-sqrt"
                                     : "-cl-std=CL1.2",
      .cache_dir = opt->cache_dir,
      .kernel_dir = opt->kernel_dir,
      .trace = opt->trace,
      .move_queues = moves};
  rc = mcl_cl_open(&g->cl, id, &caps, &settings, err);
  info_of(&g->base.info, &caps);
  g->base.info.move_queues = moves;
  return rc;
}

int mcl_opencl_open(mcl_device **out, const mcl_device_entry *entry, const mcl_device_options *opt,
                    motcl_err *err) {
  mcl_opencl *g = mcl_zalloc(1, sizeof *g);
  if (!g)
    return mcl_fail_nomem(err, sizeof *g);
  int rc = open_cl(g, entry, opt, err);
  if (rc != MOTCL_OK) {
    mcl_opencl_close(&g->base);
    return rc;
  }
  g->base.driver = entry->driver;
  if (opt->max_buffer && opt->max_buffer < g->base.info.max_buffer)
    g->base.info.max_buffer = opt->max_buffer;
  *out = &g->base;
  return MOTCL_OK;
}

void mcl_opencl_close(mcl_device *dev) {
  mcl_opencl *o = (mcl_opencl *)dev;
  if (!o)
    return;
  if (o->leave) {
    mcl_cl_finish(o->cl, NULL);
    o->leave();
  }
  mcl_cl_close(o->cl);
  if (o->part)
    clReleaseDevice(o->part);
  mcl_free(o);
}

int mcl_opencl_create(mcl_device *dev, mcl_buffer **out, size_t bytes, mcl_access access,
                      const void *host, motcl_err *err) {
  if (bytes == 0 || bytes > dev->info.max_buffer)
    return mcl_fail(err, MOTCL_EDEVMEM, "a buffer of %zu bytes; %s takes 1 to %llu", bytes,
                    dev->info.name, (unsigned long long)dev->info.max_buffer);
  mcl_buffer *buf = mcl_zalloc(1, sizeof *buf);
  if (!buf)
    return mcl_fail_nomem(err, sizeof *buf);
  int rc =
      mcl_cl_buffer_init(mcl_opencl_cl(dev), &buf->cl, bytes, access == MCL_READ_ONLY, host, err);
  if (rc != MOTCL_OK) {
    mcl_free(buf);
    return rc;
  }
  *out = buf;
  return MOTCL_OK;
}

void mcl_opencl_destroy(mcl_device *dev, mcl_buffer *buf) {
  (void)dev;
  if (buf)
    mcl_cl_buffer_finish(&buf->cl);
  mcl_free(buf);
}

int mcl_opencl_write(mcl_device *dev, mcl_buffer *buf, size_t at, const void *src, size_t bytes,
                     motcl_err *err) {
  return mcl_cl_write(mcl_opencl_cl(dev), &buf->cl, at, src, bytes, err);
}

int mcl_opencl_read(mcl_device *dev, mcl_buffer *buf, size_t at, void *dst, size_t bytes,
                    motcl_err *err) {
  return mcl_cl_read(mcl_opencl_cl(dev), &buf->cl, at, dst, bytes, err);
}

int mcl_opencl_copy(mcl_device *dev, mcl_buffer *from, size_t from_at, mcl_buffer *to, size_t to_at,
                    size_t bytes, motcl_err *err) {
  return mcl_cl_copy(mcl_opencl_cl(dev), &from->cl, from_at, &to->cl, to_at, bytes, err);
}

int mcl_opencl_flush(mcl_device *dev, motcl_err *err) {
  return mcl_cl_flush(mcl_opencl_cl(dev), err);
}

int mcl_opencl_finish(mcl_device *dev, motcl_err *err) {
  return mcl_cl_finish(mcl_opencl_cl(dev), err);
}

int mcl_opencl_note(mcl_device *dev, const mcl_variant *v, const mcl_call *c, motcl_err *err) {
  mcl_cl *cl = mcl_opencl_cl(dev);
  mcl_cl_note(cl, true);
  int rc = v->enqueue(dev, c, err);
  mcl_cl_note(cl, false);
  return rc;
}

size_t mcl_opencl_unbuilt(const mcl_device *dev) {
  return mcl_cl_unready(((const mcl_opencl *)dev)->cl);
}

int mcl_opencl_build(mcl_device *dev, double from, motcl_err *err) {
  return mcl_cl_make_ready(mcl_opencl_cl(dev), from, err);
}

int mcl_opencl_store(mcl_device *dev, motcl_err *err) {
  return mcl_cl_programs_store(mcl_opencl_cl(dev), err);
}

static bool is_in_all(const mcl_opencl *o, const mcl_kernel_use *use) {
  if (!o->all || use->options)
    return false;
  for (const char *const *p = o->parts; *p; p++)
    if (!strcmp(*p, use->source))
      return true;
  return false;
}

int mcl_opencl_launch(mcl_device *dev, const mcl_kernel_use *use, const mcl_arg *args, size_t count,
                      motcl_err *err) {
  const mcl_opencl *o = (const mcl_opencl *)dev;
  const bool all = is_in_all(o, use);
  mcl_launch launch = {.source = all ? o->all : use->source,
                       .options = all            ? o->options
                                  : use->options ? use->options
                                                 : "",
                       .kernel = use->kernel,
                       .group = use->group.items[0] ? use->group : MCL_GROUP_LINE,
                       .groups = {use->groups[0], use->groups[1]},
                       .args = args,
                       .arg_count = count};
  return mcl_cl_launch(mcl_opencl_cl(dev), &launch, err);
}

const char *mcl_opencl_wt(mcl_type type) {
  switch (type) {
  case MCL_BF16:
    return "-DWT=MCL_BF16";
  case MCL_F16:
    return "-DWT=MCL_F16";
  default:
    return "-DWT=MCL_F32";
  }
}
