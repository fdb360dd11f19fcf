/* devices.c - what there is to run on. */
#include <string.h>

#include "api/library.h"
#include "base/mem.h"

static const char *kind_of(char kind) {
  switch (kind) {
  case 'c':
    return "cpu";
  case 'g':
    return "gpu";
  case 'a':
    return "accel";
  default:
    return "none";
  }
}

motcl_device mcl_device_describe(const mcl_driver *driver, const mcl_device_info *info) {
  return (motcl_device){.driver = driver->name,
                        .kind = kind_of(info->kind),
                        .name = info->name,
                        .platform = info->platform,
                        .version = info->version,
                        .platform_index = info->platform_index,
                        .device_index = info->device_index,
                        .units = info->units,
                        .memory = info->memory,
                        .max_buffer = info->max_buffer,
                        .local_memory = info->local,
                        .max_group = info->max_group,
                        .align = info->align,
                        .zero_copy = info->zero_copy,
                        .slow = info->slow,
                        .keeps = info->keeps};
}

/* Describe all that was found, and which is taken if nobody says otherwise. */
static int describe_all(motcl *m, motcl_err *err) {
  const mcl_device_entry *chosen = NULL;
  m->device = mcl_zalloc(m->found.count, sizeof *m->device);
  if (!m->device)
    return mcl_fail_nomem(err, m->found.count * sizeof *m->device);
  if (mcl_devices_pick(&m->found, NULL, &chosen, NULL) != MOTCL_OK)
    chosen = NULL;
  for (size_t i = 0; i < m->found.count; i++) {
    const mcl_device_entry *e = &m->found.entry[i];
    m->device[i] = mcl_device_describe(e->driver, &e->info);
    m->device[i].chosen = e == chosen;
  }
  return MOTCL_OK;
}

int mcl_library_find_devices(motcl *m, motcl_err *err) {
  if (m->enumerated)
    return MOTCL_OK;
  int rc = mcl_devices_init(&m->found, err);
  if (rc == MOTCL_OK)
    rc = describe_all(m, err);
  if (rc != MOTCL_OK)
    mcl_devices_finish(&m->found);
  m->enumerated = rc == MOTCL_OK;
  return rc;
}

int motcl_devices(motcl *m, const motcl_device **list, size_t *n, motcl_err *err) {
  mcl_scope before = mcl_enter(m);
  int rc = mcl_library_find_devices(m, err);
  mcl_leave(before);
  if (rc != MOTCL_OK)
    return rc;
  *list = m->device;
  *n = m->found.count;
  return MOTCL_OK;
}

bool motcl_driver_at(size_t i, motcl_driver *out) {
  const mcl_driver *const *all = mcl_drivers();
  for (size_t k = 0; all[k]; k++)
    if (k == i) {
      *out = (motcl_driver){all[k]->name, all[k]->about, all[k]->version};
      return true;
    }
  return false;
}
