dnl SPDX-License-Identifier: Apache-2.0
dnl CC_TRY_FLAG(VARIABLE, FLAG): adds FLAG to VARIABLE if the compiler takes it without a warning.
AC_DEFUN([CC_TRY_FLAG], [
  AS_VAR_PUSHDEF([cache], [cc_cv_flag_$2])
  AC_CACHE_CHECK([whether $CC accepts $2], [cache], [
    cc_saved_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS -Werror $2"
    AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <stdio.h>]], [[printf("%d", 1);]])],
      [AS_VAR_SET([cache], [yes])], [AS_VAR_SET([cache], [no])])
    CFLAGS=$cc_saved_CFLAGS])
  AS_VAR_IF([cache], [yes], [$1="$$1 $2"])
  AS_VAR_POPDEF([cache])])

AC_DEFUN([CC_TRY_FLAGS], [m4_foreach_w([flag], [$2], [CC_TRY_FLAG([$1], flag)])])

AC_DEFUN([CC_WARNINGS], [
  AC_ARG_ENABLE([werror], [AS_HELP_STRING([--enable-werror], [warnings are errors])])
  WARN_CFLAGS=
  CC_TRY_FLAGS([WARN_CFLAGS], [-Wall -Wextra -Wformat=2 -Wshadow -Wstrict-prototypes -Wmissing-prototypes
    -Wold-style-definition -Wpointer-arith -Wcast-qual -Wwrite-strings -Wundef -Wvla -Wimplicit-fallthrough
    -Wnull-dereference -Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wjump-misses-init
    -Wdouble-promotion -Wconversion -Wsign-conversion -Wswitch-enum -Walloca -Wframe-larger-than=8192])
  AS_IF([test "x$enable_werror" = xyes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"])
  AC_SUBST([WARN_CFLAGS])])

AC_DEFUN([CC_HARDENING], [HARDEN_CFLAGS=; AC_SUBST([HARDEN_CFLAGS]) HARDEN_LDFLAGS=; AC_SUBST([HARDEN_LDFLAGS])])
AC_DEFUN([CC_SANITIZERS], [SAN_CFLAGS=; AC_SUBST([SAN_CFLAGS])])
AC_DEFUN([CC_FUZZ], [])
AC_DEFUN([CC_COVERAGE], [])
