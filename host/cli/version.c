/* version.c - motcl --version: what a bug report needs to say. */
#include <stdio.h>

#include "cli/command.h"
#include "cli/print.h"
#include "drivers/registry.h"

/* Entries stand by device, and ref is none. */
static bool is_new_device(const mcl_device_list *list, size_t i) {
  return list->entry[i].info.kind != 'r' &&
         (!i || list->entry[i].handle != list->entry[i - 1].handle);
}

static void print_text(const mcl_device_list *list) {
  printf("motcl %s\n", motcl_version());
  for (const mcl_driver *const *d = mcl_drivers(); *d; d++)
    printf("driver %s, interface %u: %s\n", (*d)->name, (*d)->version, (*d)->about);
  for (size_t i = 0; i < list->count; i++) {
    const mcl_device_info *info = &list->entry[i].info;
    if (is_new_device(list, i))
      printf("device %d:%d %s, %s, %s\n", info->platform_index, info->device_index, info->name,
             info->version, info->platform);
  }
}

static json_t *to_json(const mcl_device_list *list) {
  json_t *drivers = json_array(), *devices = json_array();
  for (const mcl_driver *const *d = mcl_drivers(); *d; d++)
    json_array_append_new(drivers, json_pack("{s:s, s:I, s:s}", "name", (*d)->name, "interface",
                                             (json_int_t)(*d)->version, "about", (*d)->about));
  for (size_t i = 0; i < list->count; i++) {
    const mcl_device_info *info = &list->entry[i].info;
    char index[32];
    if (!is_new_device(list, i))
      continue;
    snprintf(index, sizeof index, "%d:%d", info->platform_index, info->device_index);
    json_array_append_new(devices, json_pack("{s:s, s:o, s:o, s:o}", "index", index, "name",
                                             mcl_json_text(info->name), "version",
                                             mcl_json_text(info->version), "platform",
                                             mcl_json_text(info->platform)));
  }
  return json_pack("{s:s, s:o, s:o}", "version", motcl_version(), "drivers", drivers, "devices",
                   devices);
}

int mcl_version_print(bool json, motcl_err *err) {
  mcl_device_list list;
  int rc = mcl_devices_init(&list, err);
  if (rc != MOTCL_OK)
    return rc;
  if (json)
    rc = mcl_print_json(to_json(&list), err);
  else
    print_text(&list);
  mcl_devices_finish(&list);
  return rc;
}
