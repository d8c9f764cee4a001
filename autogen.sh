#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes configure and Makefile.in from a checkout. A release tarball does not need it.
cd "$(dirname "$0")" && exec autoreconf --force --install --warnings=all
