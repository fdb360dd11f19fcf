/* platform.c - enumeration of platforms and devices. */
#include "cl/platform.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "cl/status.h"

#define NO_PLATFORM (-1001) /* the loader's, of cl_khr_icd */

void mcl_cl_printable(char *text) {
  size_t n = 0;
  for (const char *p = text; *p; p++) {
    bool blank = *p == ' ' || (*p >= '\t' && *p <= '\r');
    if (!blank)
      text[n++] = *p > ' ' && *p < 127 ? *p : '?';
    else if (n && text[n - 1] != ' ')
      text[n++] = ' ';
  }
  while (n && text[n - 1] == ' ')
    n--;
  text[n] = '\0';
}

/* A text that is cut to fit; "" if the device does not give it. */
static int device_text(char *out, size_t size, cl_device_id id, cl_device_info what,
                       motcl_err *err) {
  size_t n = 0;
  out[0] = '\0';
  if (clGetDeviceInfo(id, what, 0, NULL, &n) != CL_SUCCESS || n == 0 || n >= 65536)
    return MOTCL_OK;
  char *text = mcl_zalloc(n + 1, 1);
  if (!text)
    return mcl_fail_nomem(err, n + 1);
  if (clGetDeviceInfo(id, what, n, text, NULL) == CL_SUCCESS) {
    mcl_cl_printable(text);
    snprintf(out, size, "%s", text);
  }
  mcl_free(text);
  return MOTCL_OK;
}

static int platform_text(char *out, size_t size, cl_platform_id id, cl_platform_info what,
                         motcl_err *err) {
  size_t n = 0;
  out[0] = '\0';
  if (clGetPlatformInfo(id, what, 0, NULL, &n) != CL_SUCCESS || n == 0 || n >= 65536)
    return MOTCL_OK;
  char *text = mcl_zalloc(n + 1, 1);
  if (!text)
    return mcl_fail_nomem(err, n + 1);
  if (clGetPlatformInfo(id, what, n, text, NULL) == CL_SUCCESS) {
    mcl_cl_printable(text);
    snprintf(out, size, "%s", text);
  }
  mcl_free(text);
  return MOTCL_OK;
}

#define GET(id, what, value) (clGetDeviceInfo((id), (what), sizeof(value), &(value), NULL) == 0)

/* OpenCL 1.2 or later, and the whole of it. */
static bool is_full(const char *profile, const char *version) {
  unsigned major = 0, minor = 0;
  return sscanf(version, "OpenCL %u.%u", &major, &minor) == 2 &&
         (major > 1 || (major == 1 && minor >= 2)) && !strcmp(profile, "FULL_PROFILE");
}

static bool read_limits(cl_device_id id, mcl_cl_caps *f) {
  cl_device_type type = 0;
  cl_uint units = 0, align_bits = 0, width = 0;
  cl_ulong memory = 0, largest = 0, local = 0;
  size_t group = 0;
  cl_bool unified = CL_FALSE, compiler = CL_FALSE, available = CL_FALSE;
  cl_device_fp_config fp = 0;
  if (!GET(id, CL_DEVICE_TYPE, type) || !GET(id, CL_DEVICE_MAX_COMPUTE_UNITS, units) ||
      !GET(id, CL_DEVICE_GLOBAL_MEM_SIZE, memory) ||
      !GET(id, CL_DEVICE_MAX_MEM_ALLOC_SIZE, largest) ||
      !GET(id, CL_DEVICE_LOCAL_MEM_SIZE, local) || !GET(id, CL_DEVICE_MAX_WORK_GROUP_SIZE, group) ||
      !GET(id, CL_DEVICE_MEM_BASE_ADDR_ALIGN, align_bits) ||
      !GET(id, CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT, width) ||
      !GET(id, CL_DEVICE_HOST_UNIFIED_MEMORY, unified) ||
      !GET(id, CL_DEVICE_COMPILER_AVAILABLE, compiler) ||
      !GET(id, CL_DEVICE_AVAILABLE, available) || !GET(id, CL_DEVICE_SINGLE_FP_CONFIG, fp))
    return false;
  f->kind = type & CL_DEVICE_TYPE_CPU ? 'c' : type & CL_DEVICE_TYPE_GPU ? 'g' : 'a';
  f->units = units;
  f->memory = memory;
  f->max_buffer = largest;
  f->local = local;
  f->max_group = group > UINT32_MAX ? UINT32_MAX : (uint32_t)group;
  f->align = align_bits >= 8 ? align_bits / 8 : 1;
  f->width = width;
  f->unified = unified;
  f->compiler = compiler;
  f->exact_division = (fp & CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT) != 0;
  return available && f->max_group > 0;
}

/* *why: what keeps us from using the device, or NULL. */
static int read_caps(cl_device_id id, mcl_cl_caps *f, const char **why, motcl_err *err) {
  char opencl[80], driver[80], profile[32];
  int rc = device_text(f->name, sizeof f->name, id, CL_DEVICE_NAME, err);
  if (rc == MOTCL_OK)
    rc = device_text(opencl, sizeof opencl, id, CL_DEVICE_VERSION, err);
  if (rc == MOTCL_OK)
    rc = device_text(driver, sizeof driver, id, CL_DRIVER_VERSION, err);
  if (rc == MOTCL_OK)
    rc = device_text(profile, sizeof profile, id, CL_DEVICE_PROFILE, err);
  if (rc != MOTCL_OK)
    return rc;
  snprintf(f->version, sizeof f->version, "%.80s, %.40s", opencl, driver);
  *why = !is_full(profile, opencl) ? "it does not offer OpenCL 1.2, full profile"
         : read_limits(id, f)      ? NULL
                                   : "it is not available or does not tell its limits";
  return MOTCL_OK;
}

/*
 * What platforms do that OpenCL has no question for.
 *
 * PoCL keeps programs and compiled kernels in its POCL_CACHE_DIR, so that building from source is
 * quick the second time. Being asked for binaries, which have to serve groups of any size, it
 * compiles every kernel of the program once more: four times what building took. A kernel is
 * compiled when it is first launched with groups of a certain size, and specialised for grids of
 * fewer than 65535 work-items in every direction.
 */
typedef struct manners {
  const char *platform;
  bool keeps;
  uint32_t wide;
} manners;

static manners manners_of(const char *platform) {
  static const manners known[] = {{"Portable Computing Language", true, 65535}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (!strcmp(platform, known[i].platform))
      return known[i];
  return (manners){0};
}

/* What all devices of a platform are visited with. */
typedef struct tour {
  mcl_cl_visit *visit;
  void *ctx;
  const char **why;
} tour;

/* A platform as its devices tell of it. */
typedef struct home {
  char text[sizeof((mcl_cl_caps *)0)->platform];
  manners does;
  int index;
} home;

static int home_of(home *h, cl_platform_id platform, int index, motcl_err *err) {
  char name[96], version[160], both[sizeof name + sizeof version + 2];
  int rc = platform_text(name, sizeof name, platform, CL_PLATFORM_NAME, err);
  if (rc == MOTCL_OK)
    rc = platform_text(version, sizeof version, platform, CL_PLATFORM_VERSION, err);
  if (rc != MOTCL_OK)
    return rc;
  snprintf(both, sizeof both, "%s, %s", name, version);
  snprintf(h->text, sizeof h->text, "%.127s", both);
  h->does = manners_of(name);
  h->index = index;
  return MOTCL_OK;
}

static int caps_of(mcl_cl_caps *caps, const home *h, cl_device_id id, int index, const char **why,
                   motcl_err *err) {
  *caps = (mcl_cl_caps){.platform_index = h->index,
                        .device_index = index,
                        .keeps = h->does.keeps,
                        .wide = h->does.wide};
  *why = NULL;
  snprintf(caps->platform, sizeof caps->platform, "%s", h->text);
  return read_caps(id, caps, why, err);
}

static int visit_devices(const tour *t, cl_platform_id platform, int index, const cl_device_id *ids,
                         cl_uint count, motcl_err *err) {
  home h;
  int rc = home_of(&h, platform, index, err);
  for (cl_uint i = 0; i < count && rc == MOTCL_OK; i++) {
    mcl_cl_caps caps;
    const char *why;
    rc = caps_of(&caps, &h, ids[i], (int)i, &why, err);
    if (rc == MOTCL_OK && why)
      mcl_log_message(MOTCL_LOG_INFO, "the device %s is passed over: %s", caps.name, why);
    else if (rc == MOTCL_OK && !why)
      rc = t->visit(t->ctx, ids[i], &caps, err);
  }
  return rc;
}

/* No device is nothing to talk about, but with PoCL, which always has one unless it cannot keep what
 * it compiles; any other answer is a platform that is broken. */
static int tell_none(const tour *t, cl_platform_id platform, cl_int status, motcl_err *err) {
  char name[96];
  if (status == CL_SUCCESS)
    return MOTCL_OK;
  int rc = platform_text(name, sizeof name, platform, CL_PLATFORM_NAME, err);
  if (rc == MOTCL_OK && status != CL_DEVICE_NOT_FOUND)
    mcl_log_message(
        MOTCL_LOG_WARNING,
        "the OpenCL platform %s is passed over, and all its devices with it: it fails to "
        "list them (%s)",
        name, mcl_cl_name(status));
  else if (rc == MOTCL_OK && manners_of(name).keeps)
    *t->why =
        "PoCL has no device here, as it has no folder to keep kernels in; name one that can be "
        "written to, and has room, in POCL_CACHE_DIR";
  return rc;
}

static int visit_platform(const tour *t, cl_platform_id platform, int index, motcl_err *err) {
  cl_uint count = 0;
  cl_int status = clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 0, NULL, &count);
  int rc = tell_none(t, platform, status, err);
  if (rc != MOTCL_OK || status != CL_SUCCESS || count == 0)
    return rc;
  cl_device_id *ids = mcl_zalloc(count, sizeof *ids);
  if (!ids)
    return mcl_fail_nomem(err, count * sizeof *ids);
  status = clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, count, ids, NULL);
  rc = status == CL_SUCCESS ? visit_devices(t, platform, index, ids, count, err)
                            : tell_none(t, platform, status, err);
  mcl_free(ids);
  return rc;
}

/* OpenCL is the process's, and its threads do not come with a fork: a call in the child may wait for
 * ever. So the first process that asks is remembered, beside all libraries. */
static bool forked_since(void) {
  static atomic_long first;
  const long self = (long)getpid();
  long owner = 0;
  return !atomic_compare_exchange_strong(&first, &owner, self) && owner != self;
}

static const char of_the_parent[] = "this process was forked from one that had used OpenCL "
                                    "already, which does not work in a child; "
                                    "fork before OpenCL is used, or start a program of its own";

int mcl_cl_enumerate(mcl_cl_visit *visit, void *ctx, const char **why, motcl_err *err) {
  const tour t = {visit, ctx, why};
  cl_uint count = 0;
  if (forked_since()) {
    *why = of_the_parent;
    return MOTCL_OK;
  }
  cl_int status = clGetPlatformIDs(0, NULL, &count);
  if (status != CL_SUCCESS && status != NO_PLATFORM)
    mcl_log_message(MOTCL_LOG_WARNING, "all OpenCL devices are passed over: the loader fails (%s)",
                    mcl_cl_name(status));
  if (status != CL_SUCCESS || count == 0)
    return MOTCL_OK;
  cl_platform_id *ids = mcl_zalloc(count, sizeof *ids);
  if (!ids)
    return mcl_fail_nomem(err, count * sizeof *ids);
  int rc = MOTCL_OK;
  if (clGetPlatformIDs(count, ids, NULL) == CL_SUCCESS)
    for (cl_uint i = 0; i < count && rc == MOTCL_OK; i++)
      rc = visit_platform(&t, ids[i], (int)i, err);
  mcl_free(ids);
  return rc;
}

int mcl_cl_describe(mcl_cl_caps *caps, cl_device_id id, int platform_index, int device_index,
                    motcl_err *err) {
  cl_platform_id platform;
  home h;
  const char *why = NULL;
  if (forked_since())
    return mcl_fail(err, MOTCL_ENODEVICE, "%s", of_the_parent);
  if (!GET(id, CL_DEVICE_PLATFORM, platform))
    return mcl_fail(err, MOTCL_ENODEVICE,
                    "the device does not say of which platform it is; look for devices anew");
  int rc = home_of(&h, platform, platform_index, err);
  if (rc == MOTCL_OK)
    rc = caps_of(caps, &h, id, device_index, &why, err);
  if (rc == MOTCL_OK && why)
    rc = mcl_fail(err, MOTCL_ENODEVICE, "%s cannot be used: %s", caps->name, why);
  return rc;
}
