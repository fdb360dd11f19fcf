/* all.cl - every kernel that the cpu driver launches, as one program: of what a program costs, much
 * does not depend on what is in it. On PoCL each takes a tenth of a second to build the first time
 * and a thirtieth every other time, for the headers of OpenCL C are read before it. */
#include "simple.cl"
#include "guide.cl"
#include "attention.cl"
#include "cpu/rows.cl"
#include "cpu/group.cl"
#include "cpu/attention.cl"
#include "cpu/panels.cl"
#define WT MCL_F32
#include "cpu/dot.cl"
#define WT MCL_BF16
#include "cpu/dot.cl"
#define WT MCL_F16
#include "cpu/dot.cl"
