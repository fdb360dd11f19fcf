/* status.c - OpenCL's status numbers as ours. */
#include "cl/status.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

/* Status, ours, and what a person can do about it. */
#define STATUSES(X)                                                                                \
  X(CL_DEVICE_NOT_FOUND, ENODEVICE, "the platform has no such device")                             \
  X(CL_DEVICE_NOT_AVAILABLE, ELOST, LOST)                                                          \
  X(CL_COMPILER_NOT_AVAILABLE, EBUILD, "this device takes binaries only")                          \
  X(CL_MEM_OBJECT_ALLOCATION_FAILURE, EDEVMEM, MEMORY)                                             \
  X(CL_OUT_OF_RESOURCES, EDEVMEM, MEMORY)                                                          \
  X(CL_OUT_OF_HOST_MEMORY, ENOMEM, "free some of the computer's memory")                           \
  X(CL_BUILD_PROGRAM_FAILURE, EBUILD, BUILD)                                                       \
  X(CL_MAP_FAILURE, EDEVMEM, MEMORY)                                                               \
  X(CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST, ELOST, LOST)                                     \
  X(CL_COMPILE_PROGRAM_FAILURE, EBUILD, BUILD)                                                     \
  X(CL_LINK_PROGRAM_FAILURE, EBUILD, BUILD)                                                        \
  X(CL_INVALID_VALUE, EINTERNAL, OURS)                                                             \
  X(CL_INVALID_PLATFORM, ENODEVICE, "the platform is gone")                                        \
  X(CL_INVALID_DEVICE, ENODEVICE, "the device is gone")                                            \
  X(CL_INVALID_CONTEXT, ELOST, LOST)                                                               \
  X(CL_INVALID_COMMAND_QUEUE, ELOST, LOST)                                                         \
  X(CL_INVALID_HOST_PTR, EINTERNAL, OURS)                                                          \
  X(CL_INVALID_MEM_OBJECT, EINTERNAL, OURS)                                                        \
  X(CL_INVALID_BINARY, EBUILD, BUILD)                                                              \
  X(CL_INVALID_BUILD_OPTIONS, EBUILD, BUILD)                                                       \
  X(CL_INVALID_PROGRAM, EBUILD, BUILD)                                                             \
  X(CL_INVALID_PROGRAM_EXECUTABLE, EBUILD, BUILD)                                                  \
  X(CL_INVALID_KERNEL_NAME, EBUILD, BUILD)                                                         \
  X(CL_INVALID_KERNEL_DEFINITION, EBUILD, BUILD)                                                   \
  X(CL_INVALID_KERNEL, EINTERNAL, OURS)                                                            \
  X(CL_INVALID_ARG_INDEX, EINTERNAL, OURS)                                                         \
  X(CL_INVALID_ARG_VALUE, EINTERNAL, OURS)                                                         \
  X(CL_INVALID_ARG_SIZE, EINTERNAL, OURS)                                                          \
  X(CL_INVALID_KERNEL_ARGS, EINTERNAL, OURS)                                                       \
  X(CL_INVALID_WORK_DIMENSION, EINTERNAL, OURS)                                                    \
  X(CL_INVALID_WORK_GROUP_SIZE, EINTERNAL, OURS)                                                   \
  X(CL_INVALID_WORK_ITEM_SIZE, EINTERNAL, OURS)                                                    \
  X(CL_INVALID_GLOBAL_OFFSET, EINTERNAL, OURS)                                                     \
  X(CL_INVALID_EVENT_WAIT_LIST, EINTERNAL, OURS)                                                   \
  X(CL_INVALID_EVENT, EINTERNAL, OURS)                                                             \
  X(CL_INVALID_OPERATION, EINTERNAL, OURS)                                                         \
  X(CL_INVALID_BUFFER_SIZE, EDEVMEM, MEMORY)                                                       \
  X(CL_INVALID_GLOBAL_WORK_SIZE, EINTERNAL, OURS)                                                  \
  X(CL_INVALID_PROPERTY, EINTERNAL, OURS)

#define LOST "the device or its driver failed; try again, or choose another device"
#define MEMORY                                                                                     \
  "the device's memory is too small or in use; free some, or give a smaller budget of it"
#define BUILD "the device's driver cannot take this kernel; update it, or choose another device"
#define OURS "this is a mistake in motcl or in the device's driver"

const char *mcl_cl_name(cl_int status) {
  switch (status) {
  case CL_SUCCESS:
    return "CL_SUCCESS";
#define NAME(cl, code, text)                                                                       \
  case cl:                                                                                         \
    return #cl;
    STATUSES(NAME)
#undef NAME
  default:
    return "an unknown OpenCL status";
  }
}

/* A device that waited for a command and has no resources did not run it. */
static bool lost(cl_int status, mcl_cl_when when) {
  return when == MCL_CL_WAITED && (status == CL_OUT_OF_RESOURCES || status == CL_MAP_FAILURE);
}

int mcl_cl_code(cl_int status, mcl_cl_when when) {
  if (lost(status, when))
    return MOTCL_ELOST;
  switch (status) {
  case CL_SUCCESS:
    return MOTCL_OK;
#define CODE(cl, code, text)                                                                       \
  case cl:                                                                                         \
    return MOTCL_##code;
    STATUSES(CODE)
#undef CODE
  default:
    return MOTCL_ELOST;
  }
}

static const char *advice(cl_int status, mcl_cl_when when) {
  if (lost(status, when))
    return LOST;
  switch (status) {
#define TEXT(cl, code, text)                                                                       \
  case cl:                                                                                         \
    return text;
    STATUSES(TEXT)
#undef TEXT
  default:
    return LOST;
  }
}

int mcl_cl_fail_at(motcl_err *err, mcl_cl_when when, cl_int status, const char *where,
                   const char *fmt, ...) {
  char doing[400];
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(doing, sizeof doing, fmt, ap);
  va_end(ap);
  return mcl_fail_at(err, mcl_cl_code(status, when), (int)status, where,
                     "could not %s: %s (%d); %s", doing, mcl_cl_name(status), (int)status,
                     advice(status, when));
}
