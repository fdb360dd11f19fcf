/* math.h - elementary functions that give the same bits on every machine, for noise, tables and
 * sampling: made of +, -, *, /, fma, sqrt and integer operations only, in double. They need IEEE
 * doubles, round to nearest and no contraction (-ffp-contract=off). No state; any thread. */
#ifndef MCL_BASE_MATH_H
#define MCL_BASE_MATH_H

/** e^x within 1 ulp (also where the result is subnormal). Above 709.79 infinity, below -745.2 zero;
 * NaN gives NaN. */
double mcl_exp(double x);

/** Natural logarithm within 1 ulp, for every positive finite x, subnormals included. 0 gives minus
 * infinity, infinity infinity, NaN and negative x give NaN. */
double mcl_log(double x);

/**
 * x to the power y within 1 ulp, for positive finite x and finite y with |y ln x| <= 700; where it
 * is larger the result goes to 0 or infinity as mcl_exp does, less exactly. NaN for any other x
 * or y.
 */
double mcl_pow(double x, double y);

/**
 * Sine and cosine of x radians, each within 1 ulp, for |x| <= 2^31; both NaN for any other x.
 *
 * s, c  results; both must be given
 */
void mcl_sincos(double x, double *s, double *c);

#endif
