# MCL_COMPLETION(SHELL, NAME, FOLDER): the option --with-SHELL-completion=DIR for where a shell's
# completion goes, FOLDER below the data folder unless said otherwise; `no` leaves it out.
AC_DEFUN([MCL_COMPLETION], [
AC_ARG_WITH([$1-completion],
  [AS_HELP_STRING([--with-$1-completion=DIR], [where completion for $1 goes, or no @<:@DATADIR/$3@:>@])],
  [], [with_$1_completion=yes])
AS_IF([test "x$with_$1_completion" = xyes], [with_$1_completion='$(datadir)/$3'])
AC_SUBST([$1_completiondir], [$with_$1_completion])
AM_CONDITIONAL([$2_COMPLETION], [test "x$with_$1_completion" != xno])
])
