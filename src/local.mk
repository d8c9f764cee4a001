# SPDX-License-Identifier: Apache-2.0
bin_PROGRAMS += cometcanary-sim
cometcanary_sim_SOURCES = %D%/sim.c
cometcanary_sim_LDADD = $(CANARY_LIBS)
