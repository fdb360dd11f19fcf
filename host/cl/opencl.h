/* opencl.h - the one place that includes the OpenCL headers: version 1.2 is all we ask for. */
#ifndef MCL_CL_OPENCL_H
#define MCL_CL_OPENCL_H

#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>

#endif
