/* version.c - motcl --version: what a bug report needs to say. */
#include <stdio.h>

#include "cli/command.h"
#include "drivers/registry.h"

int mcl_version_print(motcl_err *err) {
  mcl_device_list list;
  printf("motcl %s\n", motcl_version());
  for (const mcl_driver *const *d = mcl_drivers(); *d; d++)
    printf("driver %s, interface %u: %s\n", (*d)->name, (*d)->version, (*d)->about);
  int rc = mcl_devices_init(&list, err);
  if (rc != MOTCL_OK)
    return rc;
  for (size_t i = 0; i < list.count; i++) {
    const mcl_device_info *info = &list.entry[i].info;
    if (info->kind != 'r' && (!i || list.entry[i].handle != list.entry[i - 1].handle))
      printf("device %d:%d %s, %s, %s\n", info->platform_index, info->device_index, info->name,
             info->version, info->platform);
  }
  mcl_devices_finish(&list);
  return MOTCL_OK;
}
