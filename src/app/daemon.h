/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The daemon: its parts are started in the order of a table and stopped backward; then the loop runs until a signal.
 * Main thread, which is the loop's.
 */
#ifndef COMETCANARY_APP_DAEMON_H
#define COMETCANARY_APP_DAEMON_H

/* The whole program; returns its exit code. */
int daemon_main(int argc, char **argv);

#endif
