/* registry.c - the one list of drivers, device enumeration and choice. */
#include "drivers/registry.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/trace.h"
#include "drivers/list.h"

const mcl_driver *const *mcl_drivers(void) {
#define ADDRESS(name) &mcl_driver_##name,
  static const mcl_driver *const all[] = {MCL_DRIVERS(ADDRESS) NULL};
#undef ADDRESS
  return all;
}

int mcl_device_list_add(mcl_device_list *list, const mcl_device_entry *entry, motcl_err *err) {
  void *p = list->entry;
  if (!mcl_grow(&p, &list->cap, list->count, sizeof *list->entry))
    return mcl_fail_nomem(err, sizeof *list->entry);
  list->entry = p;
  list->entry[list->count++] = *entry;
  return MOTCL_OK;
}

/* Same device under a better driver comes first; devices keep the order their platforms give. */
static bool before(const mcl_device_entry *a, const mcl_device_entry *b) {
  if (a->info.platform_index != b->info.platform_index) {
    if (a->info.platform_index < 0 || b->info.platform_index < 0)
      return b->info.platform_index < 0;
    return a->info.platform_index < b->info.platform_index;
  }
  if (a->info.device_index != b->info.device_index)
    return a->info.device_index < b->info.device_index;
  return a->driver->rank > b->driver->rank;
}

static void sort(mcl_device_list *list) {
  for (size_t i = 1; i < list->count; i++)
    for (size_t j = i; j > 0 && before(&list->entry[j], &list->entry[j - 1]); j--) {
      mcl_device_entry t = list->entry[j];
      list->entry[j] = list->entry[j - 1];
      list->entry[j - 1] = t;
    }
}

static int list_all(mcl_device_list *list, motcl_err *err) {
  for (const mcl_driver *const *d = mcl_drivers(); *d; d++) {
    int rc = (*d)->list(*d, list, err);
    if (rc != MOTCL_OK) {
      mcl_devices_finish(list);
      return rc;
    }
  }
  sort(list);
  if (list->why)
    mcl_log_message(MOTCL_LOG_INFO, "%s", list->why);
  if (list->opencl.count > 0)
    list->why = NULL;
  return MOTCL_OK;
}

int mcl_devices_init(mcl_device_list *list, motcl_err *err) {
  *list = (mcl_device_list){.own = NULL};
  return list_all(list, err);
}

/* Drivers that need no OpenCL list themselves in any case. */
int mcl_devices_init_own(mcl_device_list *list, void *device, motcl_err *err) {
  *list = (mcl_device_list){.own = device};
  int rc = list_all(list, err);
  size_t kept = 0;
  for (size_t i = 0; i < list->count; i++)
    if (list->entry[i].handle == device)
      list->entry[kept++] = list->entry[i];
  list->count = kept;
  if (rc == MOTCL_OK && !kept) {
    mcl_devices_finish(list);
    rc = mcl_fail(
        err, MOTCL_ENODEVICE,
        "no driver of this build can use the OpenCL device that was given: it needs OpenCL "
        "1.2 and a compiler");
  }
  return rc;
}

void mcl_devices_finish(mcl_device_list *list) {
  mcl_free(list->entry);
  mcl_free(list->opencl.entry);
  memset(list, 0, sizeof *list);
}

static bool has_part(const char *text, const char *part) {
  size_t n = strlen(part);
  for (; *text; text++)
    if (!strncasecmp(text, part, n))
      return true;
  return false;
}

static bool fits_name(const mcl_device_entry *e, const char *name) {
  static const struct {
    const char *word;
    char kind;
  } kinds[] = {{"cpu", 'c'}, {"gpu", 'g'}, {"accel", 'a'}};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (!strcasecmp(name, kinds[i].word))
      return e->info.kind == kinds[i].kind;
  char index[32];
  snprintf(index, sizeof index, "%d:%d", e->info.platform_index, e->info.device_index);
  if (e->info.platform_index >= 0 && !strcmp(name, index))
    return true;
  return e->info.kind != 'r' && has_part(e->info.name, name);
}

static bool fits(const mcl_device_entry *e, const char *spec) {
  if (!spec || !*spec)
    return !e->info.slow;
  const char *at = strchr(spec, '@');
  if (at) {
    size_t n = (size_t)(at - spec);
    return strlen(e->driver->name) == n && !strncmp(e->driver->name, spec, n) &&
           (!at[1] || fits_name(e, at + 1));
  }
  return fits_name(e, spec) || !strcmp(e->driver->name, spec);
}

static int none(const mcl_device_list *list, const char *spec, motcl_err *err) {
  char have[600] = "";
  size_t used = 0;
  for (size_t i = 0; i < list->count && used < sizeof have; i++) {
    const mcl_device_entry *e = &list->entry[i];
    int n = snprintf(have + used, sizeof have - used, "%s%s@%s", i ? ", " : "", e->driver->name,
                     e->info.name);
    used += n > 0 ? (size_t)n : 0;
  }
  if ((!spec || !*spec) && list->why)
    return mcl_fail(err, MOTCL_ENODEVICE, "no OpenCL device can be used: %s", list->why);
  if (!spec || !*spec)
    return mcl_fail(err, MOTCL_ENODEVICE,
                    "no OpenCL device was found; install a driver for yours, or pocl-opencl-icd "
                    "to use the CPU (the device ref computes without OpenCL, very slowly)");
  return mcl_fail(err, MOTCL_ENODEVICE, "no device fits '%.64s'; there is %s%s%s", spec, have,
                  list->why ? ", and no OpenCL device can be used: " : "",
                  list->why ? list->why : "");
}

int mcl_devices_pick(const mcl_device_list *list, const char *spec, const mcl_device_entry **out,
                     motcl_err *err) {
  for (size_t i = 0; i < list->count; i++)
    if (fits(&list->entry[i], spec)) {
      *out = &list->entry[i];
      return MOTCL_OK;
    }
  return none(list, spec, err);
}

int mcl_device_open(mcl_device **out, const mcl_device_entry *entry, const mcl_device_options *opt,
                    motcl_err *err) {
  static const mcl_device_options none_set;
  int rc = entry->driver->open(out, entry, opt ? opt : &none_set, err);
  if (rc == MOTCL_OK && opt)
    (*out)->stall = opt->stall;
  if (rc == MOTCL_OK && opt && opt->trace) {
    (*out)->trace = mcl_trace_ref(opt->trace); /* a device may outlive who opened it */
    (*out)->track = mcl_trace_track(opt->trace, (*out)->info.name);
  }
  return rc;
}

void mcl_device_close(mcl_device *dev) {
  if (!dev)
    return;
  mcl_trace *trace = dev->trace;
  dev->driver->close(dev);
  mcl_trace_destroy(trace);
}

int mcl_device_stage(mcl_device *dev, void **host, size_t bytes, motcl_err *err) {
  if (dev->driver->stage)
    return dev->driver->stage(dev, host, bytes, err);
  *host = mcl_alloc_aligned(bytes, 64);
  return *host ? MOTCL_OK : mcl_fail_nomem(err, bytes);
}

void mcl_device_unstage(mcl_device *dev, void *host) {
  if (dev->driver->stage)
    dev->driver->unstage(dev, host);
  else
    mcl_free(host);
}

const mcl_variant *mcl_device_variant(const mcl_device *dev, mcl_op op, size_t i) {
  for (const mcl_driver *d = dev->driver; d; d = d->base)
    for (size_t k = 0; k < d->variant_count; k++)
      if (d->variants[k].op == op && i-- == 0)
        return &d->variants[k];
  return NULL;
}
