/* version.c - motcl --version: what a bug report needs to say. */
#include <stdio.h>

#include "cli/command.h"
#include "cli/library.h"
#include "cli/print.h"

/* Entries stand by device, and ref is none. */
static bool is_new_device(const motcl_device *list, size_t i) {
  const motcl_device *d = &list[i];
  return d->platform_index >= 0 &&
         (!i || d->platform_index != d[-1].platform_index || d->device_index != d[-1].device_index);
}

static void print_text(const motcl_device *list, size_t n) {
  motcl_driver driver;
  printf("motcl %s\n", motcl_version());
  for (size_t i = 0; motcl_driver_at(i, &driver); i++)
    printf("driver %s, interface %u: %s\n", driver.name, driver.contract, driver.about);
  for (size_t i = 0; i < n; i++)
    if (is_new_device(list, i))
      printf("device %d:%d %s, %s, %s\n", list[i].platform_index, list[i].device_index,
             list[i].name, list[i].version, list[i].platform);
}

static json_t *drivers_json(void) {
  json_t *all = json_array();
  motcl_driver driver;
  for (size_t i = 0; motcl_driver_at(i, &driver); i++)
    json_array_append_new(all, json_pack("{s:s, s:I, s:s}", "name", driver.name, "interface",
                                         (json_int_t)driver.contract, "about", driver.about));
  return all;
}

static json_t *to_json(const motcl_device *list, size_t n) {
  json_t *devices = json_array();
  for (size_t i = 0; i < n; i++) {
    const motcl_device *d = &list[i];
    char index[32];
    if (!is_new_device(list, i))
      continue;
    snprintf(index, sizeof index, "%d:%d", d->platform_index, d->device_index);
    json_array_append_new(devices,
                          json_pack("{s:s, s:o, s:o, s:o}", "index", index, "name",
                                    mcl_json_text(d->name), "version", mcl_json_text(d->version),
                                    "platform", mcl_json_text(d->platform)));
  }
  return json_pack("{s:s, s:o, s:o}", "version", motcl_version(), "drivers", drivers_json(),
                   "devices", devices);
}

int mcl_version_print(const mcl_env *env, mcl_outcome *outcome, motcl_err *err) {
  const mcl_options none = {0};
  mcl_terminal terminal;
  motcl *m = NULL;
  const motcl_device *list;
  size_t n;
  mcl_terminal_init(&terminal, env, &none);
  terminal.verbose = true; /* what is passed over, and why, is part of the answer */
  int rc = mcl_library_open_devices(&m, env, &terminal, err);
  if (rc == MOTCL_OK)
    rc = motcl_devices(m, &list, &n, err);
  if (rc == MOTCL_OK && outcome)
    mcl_outcome_update(outcome, to_json(list, n));
  else if (rc == MOTCL_OK)
    print_text(list, n);
  motcl_close(m);
  return rc;
}
