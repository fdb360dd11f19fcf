/* devices.c - motcl devices: what there is to run on, under each driver that can use it. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "cli/command.h"
#include "cli/library.h"
#include "cli/print.h"

static void put_index(char out[32], const motcl_device *d) {
  if (d->platform_index < 0)
    snprintf(out, 32, "-");
  else
    snprintf(out, 32, "%d:%d", d->platform_index, d->device_index);
}

static json_t *to_json(const motcl_device *d) {
  char index[32];
  put_index(index, d);
  return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:b, s:b}",
                   "driver", d->driver, "index", index, "kind", d->kind, "name",
                   mcl_json_text(d->name), "platform", mcl_json_text(d->platform), "version",
                   mcl_json_text(d->version), "units", (json_int_t)d->units, "memory",
                   (json_int_t)d->memory, "max_buffer", (json_int_t)d->max_buffer, "local_memory",
                   (json_int_t)d->local_memory, "max_group", (json_int_t)d->max_group, "align",
                   (json_int_t)d->align, "zero_copy", d->zero_copy, "slow", d->slow, "default",
                   d->chosen);
}

static json_t *list_json(const motcl_device *list, size_t n) {
  json_t *all = json_array();
  for (size_t i = 0; i < n; i++)
    json_array_append_new(all, to_json(&list[i]));
  return all;
}

static const char *limit_text(char out[16], uint64_t bytes) {
  if (bytes >> 60)
    snprintf(out, 16, "any");
  else
    mcl_bytes_text(out, bytes);
  return out;
}

static void print_table(const motcl_device *list, size_t n) {
  bool chosen = false;
  printf("  %-9s%-7s%-7s%6s%10s%10s%10s%7s  %s\n", "driver", "index", "kind", "units", "memory",
         "buffer", "local", "group", "name, platform");
  for (size_t i = 0; i < n; i++) {
    const motcl_device *d = &list[i];
    char index[32], memory[16], buffer[16], local[16], text[160];
    put_index(index, d);
    printf("%-2s%-9s%-7s%-7s%6u%10s%10s%10s%7u  %s\n", d->chosen ? "*" : "", d->driver, index,
           d->kind, d->units, mcl_bytes_text(memory, d->memory), limit_text(buffer, d->max_buffer),
           mcl_bytes_text(local, d->local_memory), d->max_group,
           mcl_device_text(text, d->name, d->platform));
    chosen = chosen || d->chosen;
  }
  puts(chosen ? "\n* is taken where -d names none."
              : "\nNone is taken unless -d names it; pocl-opencl-icd makes any CPU a device.");
}

static int run(const mcl_env *env, mcl_options *o, motcl_err *err) {
  mcl_terminal terminal;
  motcl *m = NULL;
  const motcl_device *list;
  size_t n;
  mcl_terminal_init(&terminal, env, o);
  terminal.verbose = true; /* what is passed over, and why, is part of the answer */
  int rc = mcl_library_open_devices(&m, env, &terminal, err);
  if (rc == MOTCL_OK)
    rc = motcl_devices(m, &list, &n, err);
  if (rc == MOTCL_OK && o->outcome)
    mcl_outcome_put(o->outcome, "devices", list_json(list, n));
  else if (rc == MOTCL_OK)
    print_table(list, n);
  motcl_close(m);
  return rc;
}

const mcl_command mcl_command_devices = {
    .name = "devices",
    .words = "",
    .about = "what there is to run on, by driver, with limits",
    .notes = "-d takes a driver, a kind, an index or a part of a name, or DRIVER@ and one of\n"
             "these.",
    .bit = MCL_CMD_DEVICES,
    .takes = MCL_CMD_DEVICES,
    .run = run,
    .examples = {{"motcl devices", "list what -d takes", false},
                 {"motcl devices --json", "the same for a program", false}},
};
