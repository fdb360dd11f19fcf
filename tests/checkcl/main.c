/* main.c - checkcl: every op by every variant that a device offers, against ref. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "checkcl.h"
#include "drivers/registry.h"
#include "list.h"

static const char usage[] =
    "usage: checkcl [-d DEVICE] [--op NAME] [--variant NAME] [--case N] [--seed N] [--quick] [-v]\n"
    "               [--bench | --support]\n"
    "Checks what a device computes, op by op and variant by variant, against plain C.\n"
    "  -d, --device DEVICE  as motcl takes it: cpu, generic@cpu, 0:0, ref, part of a name\n"
    "      --op NAME        this op only\n"
    "      --variant NAME   this variant only\n"
    "      --case N         this case only, counted from 1\n"
    "      --seed N         other random cases; 1 if not given\n"
    "      --quick          a few tiny cases, for slow tools\n"
    "      --kernels DIR    kernels are read from there, not from the library\n"
    "  -v, --verbose        say which case is running\n"
    "      --bench          time the cases\n"
    "      --support        list which variants there are\n"
    "Exit status: 0 all passed, 1 some did not, 2 wrong usage, 3 no such device.\n";

typedef struct options {
  const char *device, *op;
  mcl_device_options open;
  bool bench, support;
} options;

enum { OP = 256, VARIANT, CASE, SEED, QUICK, KERNELS, BENCH, SUPPORT, HELP };

static const struct option longs[] = {{"device", required_argument, NULL, 'd'},
                                      {"op", required_argument, NULL, OP},
                                      {"variant", required_argument, NULL, VARIANT},
                                      {"case", required_argument, NULL, CASE},
                                      {"seed", required_argument, NULL, SEED},
                                      {"quick", no_argument, NULL, QUICK},
                                      {"kernels", required_argument, NULL, KERNELS},
                                      {"verbose", no_argument, NULL, 'v'},
                                      {"bench", no_argument, NULL, BENCH},
                                      {"support", no_argument, NULL, SUPPORT},
                                      {"help", no_argument, NULL, HELP},
                                      {NULL, 0, NULL, 0}};

static bool number(const char *text, uint64_t least, uint64_t *out) {
  char *end;
  unsigned long long n = strtoull(text, &end, 10);
  *out = n;
  return *text >= '0' && *text <= '9' && !*end && n >= least;
}

/* One option; false for wrong usage. */
static bool take(int c, const char *arg, options *o, check_run *run) {
  uint64_t n = 0;
  switch (c) {
  case 'd':
    o->device = arg;
    return true;
  case 'v':
    return run->verbose = true;
  case OP:
    o->op = arg;
    return true;
  case VARIANT:
    run->variant = arg;
    return true;
  case CASE:
    if (!number(arg, 1, &n) || n > 1000000)
      return false;
    run->only = (long)n;
    return true;
  case SEED:
    return number(arg, 0, &run->seed);
  case QUICK:
    return run->quick = true;
  case KERNELS:
    o->open.kernel_dir = arg;
    return true;
  case BENCH:
    return o->bench = true;
  case SUPPORT:
    return o->support = true;
  default:
    return false;
  }
}

static int open_named(mcl_device **out, const mcl_device_list *all, const char *spec,
                      const mcl_device_options *opt, motcl_err *err) {
  const mcl_device_entry *e;
  int rc = mcl_devices_pick(all, spec, &e, err);
  return rc == MOTCL_OK ? mcl_device_open(out, e, opt, err) : rc;
}

static bool wanted(const options *o, mcl_op op) {
  return !o->op || !strcmp(o->op, mcl_op_get(op)->name);
}

static bool op_exists(const char *name) {
  for (int op = 0; op < MCL_OP_COUNT; op++)
    if (!name || !strcmp(name, mcl_op_get((mcl_op)op)->name))
      return true;
  return false;
}

/* Each op with the variants the device has for it, best first. */
static void print_support(const mcl_device *dev, const options *o) {
  for (int op = 0; op < MCL_OP_COUNT; op++) {
    const mcl_variant *v;
    if (!wanted(o, (mcl_op)op))
      continue;
    printf("%-12s", mcl_op_get((mcl_op)op)->name);
    for (size_t i = 0; (v = mcl_device_variant(dev, (mcl_op)op, i)); i++)
      printf("%s %s (class %s)", i ? "," : "", v->name, v->numeric);
    printf("\n");
  }
}

/* Returns the exit status. */
static int run_all(check_run *run, const options *o) {
  const mcl_device *dev = run->dev;
  printf("# %s on %s, %s; seed %llu\n", dev->driver->name, dev->info.name, dev->info.platform,
         (unsigned long long)run->seed);
  if (o->support) {
    print_support(dev, o);
    return 0;
  }
  for (int op = 0; op < MCL_OP_COUNT; op++)
    if (wanted(o, (mcl_op)op)) {
      if (o->bench)
        check_op_bench(run, (mcl_op)op);
      else
        check_op_run(run, (mcl_op)op);
    }
  if (!o->bench) {
    if (!run->line) {
      run->failed++;
      printf("not ok 1 - the device has no variant of that name\n");
    }
    printf("1..%u\n# %u passed, %u failed, %u skipped\n", run->line ? run->line : 1, run->passed,
           run->failed, run->skipped);
  }
  return run->failed ? 1 : 0;
}

int main(int argc, char **argv) {
  options o = {0};
  check_run run = {.seed = 1, .out = stdout};
  motcl_err err;
  mcl_device_list all = {0};
  for (int c; (c = getopt_long(argc, argv, "d:v", longs, NULL)) != -1;) {
    if (c == HELP)
      return fputs(usage, stdout) < 0;
    if (!take(c, optarg, &o, &run)) {
      fputs(usage, stderr);
      return 2;
    }
  }
  if (optind < argc || !op_exists(o.op)) {
    fputs(optind < argc ? usage : "checkcl: there is no such op\n", stderr);
    return 2;
  }
  int rc = mcl_devices_init(&all, &err);
  if (rc == MOTCL_OK)
    rc = open_named(&run.ref, &all, "ref", NULL, &err);
  if (rc == MOTCL_OK)
    rc = open_named(&run.dev, &all, o.device, &o.open, &err);
  int status = rc == MOTCL_OK ? run_all(&run, &o) : 3;
  if (rc != MOTCL_OK)
    fprintf(stderr, "checkcl: %s\n", err.text);
  mcl_device_close(run.dev);
  mcl_device_close(run.ref);
  mcl_devices_finish(&all);
  return status;
}
