dnl SPDX-License-Identifier: Apache-2.0
dnl Flags for the compiler and the linker, each probed by itself. They go into variables of their own that
dnl Makefile.am puts into AM_CFLAGS, AM_CPPFLAGS and AM_LDFLAGS: CFLAGS, CPPFLAGS and LDFLAGS are the user's.

dnl CC_TRY(VARIABLE, FLAGS-VARIABLE, FLAG): appends FLAG to VARIABLE if the compiler takes it in FLAGS-VARIABLE
dnl (CFLAGS or LDFLAGS) without a warning.
AC_DEFUN([CC_TRY], [
  AS_VAR_PUSHDEF([cache], [cc_cv_$2_$3])
  AC_CACHE_CHECK([whether $CC accepts $3], [cache], [
    cc_saved_flags=$$2
    $2="$$2 -Werror $3"
    AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <stdio.h>]], [[printf("%d", 1);]])],
      [AS_VAR_SET([cache], [yes])], [AS_VAR_SET([cache], [no])])
    $2=$cc_saved_flags])
  AS_VAR_IF([cache], [yes], [$1="$$1 $3"])
  AS_VAR_POPDEF([cache])])

AC_DEFUN([CC_TRY_CFLAGS], [m4_foreach_w([flag], [$2], [CC_TRY([$1], [CFLAGS], m4_defn([flag]))])])
AC_DEFUN([CC_TRY_LDFLAGS], [m4_foreach_w([flag], [$2], [CC_TRY([$1], [LDFLAGS], m4_defn([flag]))])])

AC_DEFUN([CC_WARNINGS], [
  AC_ARG_ENABLE([werror], [AS_HELP_STRING([--enable-werror], [warnings are errors])], [], [enable_werror=no])
  WARN_CFLAGS=
  CC_TRY_CFLAGS([WARN_CFLAGS], [-Wall -Wextra -Wformat=2 -Wshadow -Wstrict-prototypes -Wmissing-prototypes
    -Wold-style-definition -Wpointer-arith -Wcast-qual -Wwrite-strings -Wundef -Wvla -Wimplicit-fallthrough
    -Wnull-dereference -Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wjump-misses-init
    -Wdouble-promotion -Wconversion -Wsign-conversion -Wswitch-enum -Walloca])
  dnl instrumentation makes frames larger
  AS_IF([test "x$cc_instrumented" = xno], [CC_TRY_CFLAGS([WARN_CFLAGS], [-Wframe-larger-than=8192])])
  AS_IF([test "x$enable_werror" = xyes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"])
  AC_SUBST([WARN_CFLAGS])])

dnl After CC_SANITIZERS: instrumented builds keep what finds faults visible.
AC_DEFUN([CC_HARDENING], [
  AC_ARG_ENABLE([hardening], [AS_HELP_STRING([--disable-hardening], [no hardening flags of our own])],
    [], [enable_hardening=yes])
  HARDEN_CPPFLAGS= HARDEN_CFLAGS= HARDEN_LDFLAGS=
  AS_IF([test "x$enable_hardening" = xyes], [
    CC_TRY_CFLAGS([HARDEN_CFLAGS], [-fstack-protector-strong -fstrict-flex-arrays=3 -fPIE])
    CC_TRY_LDFLAGS([HARDEN_LDFLAGS], [-pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--as-needed])
    AS_IF([test "x$cc_instrumented" = xno], [
      CC_TRY_CFLAGS([HARDEN_CFLAGS], [-fstack-clash-protection -fcf-protection=full -mbranch-protection=standard
        -ftrivial-auto-var-init=zero -fzero-call-used-regs=used-gpr])
      CC_FORTIFY])])
  AC_SUBST([HARDEN_CPPFLAGS])
  AC_SUBST([HARDEN_CFLAGS])
  AC_SUBST([HARDEN_LDFLAGS])])

dnl Needs an optimising build; a level that the user chose stays.
AC_DEFUN([CC_FORTIFY], [
  AC_CACHE_CHECK([for the level of _FORTIFY_SOURCE to add], [cc_cv_fortify], [
    cc_cv_fortify=none
    AS_CASE(["$CPPFLAGS $CFLAGS"], [*_FORTIFY_SOURCE*], [], [
      for level in 3 2; do
        cc_saved_flags=$CFLAGS
        CFLAGS="$CFLAGS -Werror -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$level"
        AC_LINK_IFELSE([AC_LANG_PROGRAM([[
          #ifndef __OPTIMIZE__
          #error not optimising
          #endif
          #include <stdio.h>]], [[printf("%d", 1);]])], [cc_cv_fortify=$level])
        CFLAGS=$cc_saved_flags
        test $cc_cv_fortify = none || break
      done])])
  AS_IF([test $cc_cv_fortify != none], [HARDEN_CPPFLAGS="-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$cc_cv_fortify"])])
