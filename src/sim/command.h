/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program cometcanary-sim: its flags, its listeners, its signals. One call, from main.
 */
#ifndef COMETCANARY_SIM_COMMAND_H
#define COMETCANARY_SIM_COMMAND_H

/* Runs until SIGTERM or SIGINT. Returns the exit code: 0, 64 (usage), 69 (cannot listen), 70 (internal). */
int command_run(int argc, char **argv);

#endif
